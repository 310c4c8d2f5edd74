import { CodedError } from '@bhatti/base/errors.ts';

import { textAt } from '../../cdp/json.ts';
import type { CdpSession } from '../../cdp/session.ts';
import { callOn } from './page-world.ts';
import type { ElementHandle } from './refs.ts';

/*
 * Runs in the page, in our own world. Answers undefined, or what is wrong. `input` and `change` are what a person's typing brings about; frameworks listen to them.
 */
const setValue = `function (value) {
  const tell = (target) => {
    target.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
    target.dispatchEvent(new Event('change', { bubbles: true }));
  };
  const element = this.nodeType === Node.ELEMENT_NODE ? this : this.parentElement;
  if (element.disabled || element.readOnly) return 'it is ' + (element.disabled ? 'disabled' : 'read-only');
  element.focus();
  if (element instanceof HTMLSelectElement) {
    const wanted = String(value);
    const options = [...element.options];
    const text = (option) => option.label.trim();
    const option = options.find((option) => option.value === wanted) ?? options.find((option) => text(option) === wanted.trim())
      ?? options.find((option) => text(option).toLowerCase() === wanted.trim().toLowerCase());
    if (option === undefined) return 'it has no option ' + JSON.stringify(wanted) + '; it has ' + options.slice(0, 50).map((option) => JSON.stringify(text(option))).join(', ');
    if (option.disabled) return 'this option is disabled';
    element.value = option.value;
    option.selected = true;
    tell(element);
    return;
  }
  const isInput = element instanceof HTMLInputElement;
  const role = element.getAttribute('role');
  if (isInput && (element.type === 'checkbox' || element.type === 'radio') || role === 'checkbox' || role === 'switch' || role === 'radio') {
    if (typeof value !== 'boolean') return 'its value is true or false';
    const isOn = () => isInput ? element.checked : element.getAttribute('aria-checked') === 'true';
    if (isOn() !== value) element.click();
    return isOn() === value ? undefined : 'it stays as it is';
  }
  if (typeof value === 'boolean') return 'its value is a text or a number';
  if (isInput && element.type === 'file') return 'files are given to it by file_upload';
  if (isInput || element instanceof HTMLTextAreaElement) {
    const wanted = String(value);
    element.value = wanted;
    const kept = element.value;
    tell(element);
    if (kept === '' && wanted !== '') return 'it takes no ' + JSON.stringify(wanted) + ': its type is ' + element.type;
    return;
  }
  if (element.isContentEditable) {
    element.textContent = String(value);
    tell(element);
    return;
  }
  return 'it is no form element';
}`;

export async function setFormValue(
  session: CdpSession,
  element: ElementHandle,
  ref: string,
  value: string | number | boolean,
): Promise<void> {
  const complaint = textAt([await callOn(session, element, ref, setValue, [value])], 0);
  if (complaint !== undefined) throw refused(ref, complaint);
}

/** Gives a file input paths of the browser's own machine. */
export async function setFiles(
  session: CdpSession,
  element: ElementHandle,
  ref: string,
  paths: readonly string[],
): Promise<void> {
  const isFileInput = `function () { return this instanceof HTMLInputElement && this.type === 'file' ? this.multiple ? 2 : 1 : 0; }`;
  const takes = await callOn(session, element, ref, isFileInput);
  if (takes !== 1 && takes !== 2) throw refused(ref, 'it is no file input');
  if (takes === 1 && paths.length > 1) throw refused(ref, 'it takes one file only');
  await session.send('DOM.setFileInputFiles', { files: paths, backendNodeId: element.backendNodeId });
}

function refused(ref: string, why: string): CodedError<'INVALID_ARGUMENT'> {
  return new CodedError('INVALID_ARGUMENT', `cannot set the value of "${ref}": ${why}`, { argument: 'value' });
}
