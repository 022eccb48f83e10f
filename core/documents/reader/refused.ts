/** A stated reason why a document or page is not read by machine; holds no content. */
export class Refused extends Error {}
