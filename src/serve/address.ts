/** Whether a text is an address, or one beside the page's. */
export function isAddress(text: string): boolean {
  const page = (globalThis as { readonly location?: { readonly href: string } }).location?.href;
  try {
    new URL(text, page);
    return true;
  } catch {
    return false;
  }
}
