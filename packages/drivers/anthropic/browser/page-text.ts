import { evaluate } from './page-world.ts';
import type { Tab } from './tab.ts';

const maxLength = 50_000; // characters, as `read_page` has it

// The longest article, else what the page calls its main part, else all of it.
const readText = `(() => {
  const texts = [...document.querySelectorAll('article')].map((article) => article.innerText.trim());
  const article = texts.sort((a, b) => b.length - a.length)[0];
  if (article) return article;
  const main = document.querySelector('main, [role=main]')?.innerText.trim();
  return main || (document.body?.innerText ?? '').trim();
})()`;

/** The page's visible text. */
export async function pageText(tab: Tab): Promise<string> {
  const text = String(await evaluate(tab.session, tab.frameId, readText));
  if (text.length <= maxLength) return text === '' ? '[the page has no text]' : text;
  const note = `\n[cut here: the text has ${text.length} characters]`;
  return text.slice(0, maxLength - note.length) + note;
}
