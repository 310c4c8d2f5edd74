import { CodedError } from '@bhatti/base/errors.ts';

import { at, textAt } from '../../cdp/json.ts';
import { has, numberOf, oneOf, regionOf, textOf, wordOf, wrong, type Fields } from '../../fields.ts';
import { accessibilityTree, findElement, type PageElement } from './accessibility.ts';
import { findOnPage } from './find.ts';
import { setFiles, setFormValue } from './form.ts';
import { layoutOf } from './layout.ts';
import { tabOf, viewOf, type Member, type MemberContext, type PictureResult } from './member.ts';
import { navigate } from './navigate.ts';
import { pageText } from './page-text.ts';
import { formatPage, type PageFilter } from './read-page.ts';
import { staleRef } from './refs.ts';
import type { Tab } from './tab.ts';
import { elementOf } from './target.ts';
import { takePicture, takeZoom, viewportOf } from './viewport.ts';

const defaultDepth = 15;
const maxDepth = 100;
const maxQueryLength = 1_000;
const maxValueLength = 65_536;
const maxScriptLength = 100_000;
const maxOutputLength = 50_000;
const maxFiles = 20;

export const pageMembers = {
  navigate: {
    fields: ['url'],
    async run(input, context) {
      const url = wordOf(input, 'url', 10_000);
      return navigate(await tabOf(input, context), url, context.navigation, context.signal);
    },
  },
  screenshot: {
    fields: [],
    async run(input, context) {
      const tab = await tabOf(input, context);
      const viewport = await viewportOf(tab.session, tab.frameId, context.limit);
      const data = await takePicture(tab.session, viewport, context.picture);
      tab.seen = viewport.picture;
      return pictureOf(data, context);
    },
  },
  zoom: {
    fields: ['region'],
    async run(input, context) {
      const region = regionOf(input, 'region');
      const tab = await tabOf(input, context);
      const viewport = await viewOf(tab, context);
      const { width, height } = viewport.picture;
      if (region[0] < 0 || region[1] < 0 || region[2] > width || region[3] > height)
        throw wrong(input, 'region', `is outside of the viewport, which is ${width}x${height} pixels`);
      return pictureOf(await takeZoom(tab.session, viewport, region, context.limit, context.picture), context);
    },
  },
  read_page: {
    fields: ['filter', 'depth', 'ref'],
    async run(input, context) {
      const filter = filterOf(input);
      const tab = await tabOf(input, context);
      const root = await treeOf(tab, context);
      if (!has(input, 'ref')) return formatPage(root, tab.refs, filter);
      const ref = wordOf(input, 'ref', 40);
      const element = findElement(root, tab.refs.mustGet(ref).backendNodeId);
      if (element === undefined) throw staleRef(ref);
      return formatPage(element, tab.refs, filter);
    },
  },
  find: {
    fields: ['query'],
    async run(input, context) {
      const query = wordOf(input, 'query', maxQueryLength);
      const tab = await tabOf(input, context);
      return findOnPage(await treeOf(tab, context), tab.refs, query);
    },
  },
  get_page_text: { fields: [], run: async (input, context) => pageText(await tabOf(input, context)) },
  form_input: {
    fields: ['target', 'value'],
    async run(input, context) {
      const { value } = input.values;
      if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
        throw wrong(input, 'value', 'must be a text, a number, true or false');
      if (typeof value === 'string') textOf(input, 'value', maxValueLength);
      const tab = await tabOf(input, context);
      const { ref, element } = elementOf(input, 'target', tab);
      await setFormValue(tab.session, element, ref, value);
      return undefined;
    },
  },
  file_upload: {
    fields: ['target', 'paths', 'document_ids'],
    async run(input, context) {
      const paths = pathsOf(input, context.uploadDir);
      const tab = await tabOf(input, context);
      const { ref, element } = elementOf(input, 'target', tab);
      await setFiles(tab.session, element, ref, paths);
      return undefined;
    },
  },
  javascript_exec: {
    fields: ['text'],
    async run(input, context) {
      const expression = wordOf(input, 'text', maxScriptLength);
      const tab = await tabOf(input, context);
      return runScript(tab, expression);
    },
  },
  read_console: { fields: [], run: async (input, context) => (await tabOf(input, context)).consoleLines.take() },
  read_network: { fields: [], run: async (input, context) => (await tabOf(input, context)).networkLines.take() },
} as const satisfies Record<string, Member>;

function pictureOf(data: string, { picture }: MemberContext): PictureResult {
  return { data, mediaType: `image/${picture.format}` };
}

async function treeOf(tab: Tab, context: MemberContext): Promise<PageElement> {
  const layout = await layoutOf(tab.session, await viewOf(tab, context));
  const root = await accessibilityTree(tab.session, layout);
  if (root === undefined)
    throw new CodedError('INVALID_ARGUMENT', 'the page has nothing to read', { argument: 'tab_id' });
  return root;
}

function filterOf(input: Fields): PageFilter {
  const depth = has(input, 'depth') ? numberOf(input, 'depth', { min: 1, max: maxDepth, isWhole: true }) : defaultDepth;
  return { depth, show: has(input, 'filter') ? oneOf(input, 'filter', ['interactive', 'all']) : 'visible' };
}

/** The browser may read whatever its user may, so only what was put into one directory is given to a page. */
function pathsOf(input: Fields, uploadDir: string | undefined): string[] {
  if (has(input, 'document_ids')) throw wrong(input, 'document_ids', 'cannot be resolved here: give paths');
  const paths: unknown = input.values['paths'];
  if (!Array.isArray(paths) || paths.length === 0 || paths.length > maxFiles)
    throw wrong(input, 'paths', `must be 1 to ${maxFiles} paths`);
  const dir = uploadDir?.replace(/\/+$/, '');
  return paths.map((path: unknown) => {
    const isAllowed =
      typeof path === 'string' &&
      dir !== undefined &&
      path.startsWith(`${dir}/`) &&
      !path.split('/').includes('..') &&
      !path.includes('\0');
    if (!isAllowed)
      throw wrong(input, 'paths', `must lie in ${dir === undefined ? 'a directory for uploads' : `"${dir}"`}`);
    return path;
  });
}

/** In the page's own world, with all that the page may do. */
async function runScript(tab: Tab, expression: string): Promise<string> {
  const reply = await tab.session.send('Runtime.evaluate', {
    expression,
    awaitPromise: true,
    replMode: true,
    returnByValue: true,
    userGesture: true,
  });
  const exception = at(reply, 'exceptionDetails');
  if (exception !== undefined) {
    const why = textAt(exception, 'exception', 'description') ?? textAt(exception, 'text') ?? 'it threw';
    throw new CodedError('INVALID_ARGUMENT', `the script failed: ${why}`, { argument: 'text' });
  }
  const value = at(reply, 'result', 'value');
  const text =
    typeof value === 'string'
      ? value
      : (JSON.stringify(value) ?? textAt(reply, 'result', 'description') ?? 'undefined');
  return text.length > maxOutputLength ? `${text.slice(0, maxOutputLength)}…` : text;
}
