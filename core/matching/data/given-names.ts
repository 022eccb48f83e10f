/**
 * Given names in common use that have no usual short form. With the names of `nicknames.ts` they
 * tell two names (Jayden and Hayden, who may be twins) from one name and a slip of the pen (Jayden
 * and Jaydne). Written from general knowledge.
 */
export const commonGivenNames = `
aaron adam adrian aidan aiden alana alberto alec alejandra alina alison alma alvin alyssa amber amira amir amit amy ana ananya anaya andre angel angelica anita anjali annabel annabelle april aria ariana ariel arjun arlene armando arthur asha ashley ashton astrid aubrey audrey aurora austin autumn ava avery axel ayaan ayesha aylin
bailey beau bella bernice bianca blake bonnie boris brady braden brayden brenda brendan brenna brett brian briana brianna britney brittany brody brooke brooklyn bruce bruno bryan bryce bryson byron
caden caitlin caleb camila candace carla carmen carmelo carson carter casey cedric cesar chad chandra chantal chase chelsea cheryl chloe claire clara claudia claude clayton clyde cody colby cole colin colleen connor conor cooper cora corey craig cruz crystal cyrus
dakota dale dalton damian damien damon dana dante daphne darius darlene darrell darren daryl dawn dean deandre declan deepa delia derek derrick desmond devin devon diego dillon dina dolly dora doreen doris dustin dylan
eduardo edna eileen elaine elena eliana elias elisa elliot elliott elmer elsa elvin elvira emilia emilio emmanuel emmett enzo eric erica erick erik erika erin esteban estelle ethan etta eunice eva evan everett ezra
faith farah fatima faye felicia felix fernando fidel finley finn fiona fiorella flora flynn frida
garrett gavin gemma gerard gianna gina gisela glen glenn gloria grant greta griffin guadalupe gustavo guy
hailey haley hamza harley harper harvey hassan hayden hayley hazel heather hector heidi herbert hilary hilda holly hope howard hudson hunter hussein
ian ida imani imogen ines inez ingrid iris irma irving isaiah isla ivy
jace jackson jada jaden jadon jaiden jalen jamal jared jasmin jasmine jason javier jaxon jayden jaylen jayla jayson jenna jermaine jesse jesus jill joaquin jocelyn jodie jody joel jolene jordan jorge josiah joy juanita julio june justin justine
kaden kai kaitlyn karla kayden kaylee kayla keisha keith kelly kelsey kelvin kendall kendra kenji kerry kira krystal kyle kylie
lachlan lamar lana lance lara latoya lauren layla leah lee leila leigh leila leilani lena leo leona leroy leslie leticia levi liam lily lillie linda lisa liza lloyd logan lola loretta lorraine luca lucia luisa luna luz lydia lyle lynn
mabel mackenzie maeve malik malachi mandeep marcel marcela marcelo marcia mariah mariana marina mario marisa marissa marlene marlon marshall marta marvin mason maya mckenzie megan mei melinda melody mercedes meredith mia micah mila milan miles milo mina miranda misty mohan moira molly morgan muriel myra myron
nadia naomi nasir neha nelson nevaeh nina nishant noah noel noelle noemi nolan noor
octavia odette ola olga omar ophelia orlando oscar otis owen
paige palmer parker pascal paola pearl perry pierre phoebe piper porter preston
quentin quinn
rachelle rafael rajesh ramona ramon randall raquel raul rayan reece reese regina reid rekha renee rhonda ricardo riley rita river rocio rocco roger rohan roman rory rosalie roberto ross rowan roxana ruben ruby ryan ryder rylee
sabrina sadie saul savannah sawyer scarlett selena serena sergio seth shane shanice shannon sharon shaun shawn shelby sheldon sheila shirley sienna silas silvia skylar sonia sonya spencer stacey stacy stella summer suresh
tamika tanner tara tariq taylor terrell tessa thelma tiffany tina todd tommaso toni tony travis trent trevor tristan troy tyler tyrone tyson
uma uriel valentina vera verna vernon vicente viktoria vijay vikram vivek
wade wayne wendell wesley whitney willow wyatt
xavier ximena yasmin yasmine yesenia yosef yusuf yvette
zachariah zahra zain zara zelda zoe zuri`.trim().split(/\s+/)
