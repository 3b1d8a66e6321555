/** The most frequent words of each language, without those that two of them share. */
const FREQUENT: Readonly<Record<string, ReadonlySet<string>>> = {
  en: words(
    'the a of to and in is are was do does did how what why when where who which can could should i you my your it for on with from that this be have has not by at as an me we our please there if write give tell explain make',
  ),
  de: words(
    'der die das und ist sind ein eine einen einem einer wie was warum wann wo wer welche welcher welches kann ich mein meine mir mich nicht für mit von zu zum zur den dem des auf im bitte schreibe nenne man muss soll wird gibt über',
  ),
  fr: words(
    "le la les un une des du de et est sont comment quoi quel quelle quels quelles pourquoi quand où qui puis-je peut-on je mon ma mes pas pour avec dans sur ce cette il elle on que qu'on est-ce combien l'autriche donne-moi dis-moi faire",
  ),
  es: words(
    'el la los las un una de y es son cómo qué cuál cuáles cuánto cuánta cuántos cuántas quién dónde cuándo puedo mi mis con para por en del al se no dime escribe tiene está hay sobre favor',
  ),
  it: words(
    'il lo la gli le un una di e è sono come cosa qual quale quali quanto quanta quando dove chi perché posso mio mia con per da in del della si non dimmi scrivi più ha sulla',
  ),
  pt: words(
    'o a os as um uma de e é são como qual quais quanto quanta quantos quem onde quando posso faço meu minha com para por em do da no na não se diga-me tem mais você escreva leva demora sobre',
  ),
  nl: words(
    'de het een en is zijn hoe wat waarom wanneer waar wie welke kan ik mijn niet voor met van te op in er dat moet wil je ze wordt om aan bij uit naar deze dit',
  ),
  pl: words(
    'i w na z do jest są się jak co czy kiedy gdzie dlaczego kto jaki jaka jakie który która które mogę można moje mój moją moja swoje swoją nie dla od po ile mi to ten ta chcę proszę należy trzeba',
  ),
};

const EAST_ASIAN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const LATIN = /\p{Script=Latin}/u;

/**
 * The language of a text in words: a code of ISO 639-1, `east asian`, or `other` where the letters are none of these. A text
 * without any of the frequent words, such as a few keywords, passes for English.
 */
export function languageOf(spoken: readonly string[]): string {
  const text = spoken.join('');
  if (EAST_ASIAN.test(text)) return 'east asian';
  if (text !== '' && !LATIN.test(text)) return 'other';
  let [best, most] = ['en', -1];
  for (const [language, frequent] of Object.entries(FREQUENT)) {
    const count = spoken.filter((word) => frequent.has(word)).length;
    if (count > most) [best, most] = [language, count];
  }
  return best;
}

/** True for the words of a language that carry grammar, not content. */
export function isGrammar(word: string, language: string): boolean {
  return FREQUENT[language]?.has(word) === true;
}

/** What German verbs leave at the end of a clause. */
const SEPARABLE = words('zurück ein aus an ab auf um vor mit her hin weg nach zu los fest frei an bei durch');
const GERMAN_ASKING = words('wie was warum wann wo wer welche welcher welches wieso wofür');

/** German words with each separated verb in one: "setze … zurück" becomes "zurücksetze". Only of single clauses. */
export function withWholeVerbs(spoken: readonly string[]): string[] {
  const last = spoken.at(-1) ?? '';
  const at = GERMAN_ASKING.has(spoken[0] ?? '') ? 1 : 0;
  const verb = spoken[at];
  if (spoken.length < 3 || !SEPARABLE.has(last) || verb === undefined || isGrammar(verb, 'de')) return [...spoken];
  return [...spoken.slice(0, at), last + verb, ...spoken.slice(at + 1, -1)];
}

/** Words of one language that stand for each other. */
const SAME_ABROAD: readonly ReadonlySet<string>[] =
  `adresse anschrift;handy mobiltelefon smartphone;telefon handy;abo abonnement;passwort kennwort;paket sendung lieferung;preis kosten kostet;senden schicken;kaufen erwerben;
  löschen entfernen;ändern wechseln anpassen;auto wagen;rechner computer;fahrrad rad;arzt ärztin;wohnung apartment;krankheit erkrankung;geliefert kommt;beginnen anfangen;
  portable mobile;ordinateur pc;voiture auto;supprimer effacer;changer modifier;acheter acquérir;prix coût coûte coûtent;envoyer expédier;commander commande;annuler résilier;
  contraseña clave;móvil celular;coche carro auto;ordenador computadora computador;borrar eliminar;cambiar modificar;comprar adquirir;precio coste costo cuesta;enviar mandar;cancelar anular;
  cellulare telefonino;computer pc;cancellare eliminare;cambiare modificare;comprare acquistare;prezzo costo costa;inviare spedire;annullare disdire;
  senha palavra-passe;celular telemóvel;apagar excluir eliminar;trocar mudar alterar;comprar adquirir;preço custo custa;fica está;
  wachtwoord toegangscode;mobiel gsm;verwijderen wissen;wijzigen veranderen aanpassen;kopen aanschaffen;prijs kosten kost;annuleren opzeggen;
  usunąć skasować;zmienić zmieniać;kupić nabyć;cena koszt kosztuje;anulować odwołać;telefon komórka`
    .split(';')
    .map((group) => words(group.trim().replaceAll(/\s+/g, ' ')));

/** Endings that the forms of one word differ by, in the Romance and Germanic languages above. */
const ENDINGS = words(
  'e en n t st er es s o a as an ar ir or os i io iamo are ere ire ez ons ent amos emos imos zco cer ce co te to ta ti ato ado ada ido és ée é ung ungs eer eren eert ć ę esz',
);

/** True when two words of a language other than English may be forms of one word, or stand for each other. */
export function areForms(one: string, other: string): boolean {
  if (one === other || SAME_ABROAD.some((group) => group.has(one) && group.has(other))) return true;
  let same = 0;
  while (same < one.length && one[same] === other[same]) same++;
  if (same < 4 || same < 0.6 * Math.max(one.length, other.length)) return false;
  return [one.slice(same), other.slice(same)].every((rest) => rest === '' || ENDINGS.has(rest));
}

function words(text: string): Set<string> {
  return new Set(text.split(' '));
}
