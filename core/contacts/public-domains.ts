/**
 * Domains at which anybody gets an address: that two mails come from one of them says nothing about
 * who sent them. Large providers, by the names they give out; of one that is missing the mails are
 * grouped by the domain, which the list says.
 */
export const publicDomains: readonly string[] = `
  gmail.com googlemail.com
  outlook.com hotmail.com live.com msn.com passport.com
  outlook.es hotmail.es hotmail.co.uk hotmail.fr hotmail.de hotmail.it live.co.uk live.fr live.com.mx
  yahoo.com ymail.com rocketmail.com myyahoo.com yahoo.co.uk yahoo.es yahoo.fr yahoo.de yahoo.ca
  yahoo.com.mx yahoo.com.br yahoo.co.in yahoo.in yahoo.com.ph yahoo.com.vn
  icloud.com me.com mac.com
  aol.com aim.com verizon.net att.net sbcglobal.net bellsouth.net pacbell.net
  comcast.net cox.net charter.net spectrum.net roadrunner.com earthlink.net optonline.net frontier.com
  windstream.net centurylink.net juno.com netzero.net
  proton.me protonmail.com protonmail.ch pm.me tutanota.com tuta.com tuta.io
  gmx.com gmx.net gmx.de gmx.us gmx.at gmx.ch web.de mail.com email.com t-online.de freenet.de
  zoho.com zohomail.com fastmail.com fastmail.fm hushmail.com hey.com duck.com
  mail.ru yandex.ru yandex.com list.ru bk.ru inbox.ru
  qq.com 163.com 126.com sina.com foxmail.com naver.com hanmail.net daum.net
  orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it btinternet.com sky.com
  uol.com.br bol.com.br terra.com.br rediffmail.com prodigy.net.mx
  privaterelay.appleid.com`
  .trim()
  .split(/\s+/)
