// A strict reader of small XML documents: elements, attributes, text, the five entities and numeric
// ones. Throws at everything else, also at what a lenient parser would repair.

const NAME = /[A-Za-z_][A-Za-z0-9_.-]*/y;
const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

// {name, attributes: {}, children: [element | text]}
export function readXml(text) {
  let at = 0;
  const fail = (what) => {
    throw new Error(`XML: ${what} at ${at}: ${JSON.stringify(text.slice(at, at + 30))}`);
  };
  const control = FORBIDDEN.exec(text);
  if (control) throw new Error(`XML: a control character at ${control.index}`);
  const eat = (piece) => {
    if (!text.startsWith(piece, at)) return false;
    at += piece.length;
    return true;
  };
  const space = () => {
    const begun = at;
    while (/\s/.test(text[at] ?? '')) ++at;
    return at > begun;
  };
  const name = () => {
    NAME.lastIndex = at;
    const found = NAME.exec(text)?.[0];
    if (!found) fail('no name');
    at += found.length;
    return found;
  };
  const decode = (raw) =>
    raw.replace(/&([^;&]*)(;?)/g, (whole, entity, end) => {
      if (!end) fail(`a bare "&" before ${JSON.stringify(raw.slice(0, 40))}`);
      if (/^#\d+$/.test(entity)) return String.fromCodePoint(Number(entity.slice(1)));
      if (/^#x[0-9a-f]+$/i.test(entity)) return String.fromCodePoint(parseInt(entity.slice(2), 16));
      return ENTITIES[entity] ?? fail(`no such entity ${whole}`);
    });

  const element = () => {
    if (!eat('<')) fail('no element');
    const node = { name: name(), attributes: {}, children: [] };
    for (;;) {
      const spaced = space();
      if (eat('/>')) return node;
      if (eat('>')) break;
      if (!spaced) fail('no space before an attribute');
      const attribute = name();
      if (!eat('=')) fail('no "="');
      const quote = text[at];
      if (quote !== '"' && quote !== "'") fail('no quotes');
      const end = text.indexOf(quote, at + 1);
      if (end < 0) fail('open quotes');
      const raw = text.slice(at + 1, end);
      if (raw.includes('<')) fail('"<" in an attribute');
      if (attribute in node.attributes) fail(`attribute ${attribute} twice`);
      node.attributes[attribute] = decode(raw);
      at = end + 1;
    }
    for (;;) {
      const next = text.indexOf('<', at);
      if (next < 0) fail(`${node.name} is not closed`);
      if (next > at) node.children.push(decode(text.slice(at, next)));
      at = next;
      if (eat('</')) {
        if (name() !== node.name) fail(`${node.name} is closed by another name`);
        space();
        if (!eat('>')) fail('no ">"');
        return node;
      }
      node.children.push(element());
    }
  };

  if (text.startsWith('<?xml')) {
    const end = text.indexOf('?>');
    if (!/^<\?xml version="1\.0"( encoding="UTF-8")?\?>/.test(text)) fail('an unusual declaration');
    at = end + 2;
  }
  space();
  const root = element();
  space();
  if (at !== text.length) fail('something after the end');
  return root;
}

// The same tree for documents that say the same.
export function normal(node) {
  if (typeof node === 'string') return node.trim();
  const attributes = Object.fromEntries(Object.entries(node.attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { name: node.name, attributes, children: node.children.map(normal).filter((child) => child !== '') };
}
