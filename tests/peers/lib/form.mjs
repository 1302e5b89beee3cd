// application/x-www-form-urlencoded, read with suspicion: a plus that was not encoded arrives as a
// space, and that is how a number loses its country.

// Pairs in order, repeated names and all. complain(what) is told of what a server would let pass.
export function readForm(text, complain = () => {}) {
  const pairs = [];
  for (const piece of text.split('&')) {
    if (piece === '') {
      if (text !== '') complain('an empty pair in the form');
      continue;
    }
    const equals = piece.indexOf('=');
    if (equals < 0) complain(`a name without "=": ${piece}`);
    const [name, value] = equals < 0 ? [piece, ''] : [piece.slice(0, equals), piece.slice(equals + 1)];
    if (/^\+?\+\d/.test(value)) complain(`the plus of a number is not encoded: ${name}=${value}`);
    if (/[^\x21-\x7e]/.test(piece)) complain(`bytes that must be encoded in ${name}`);
    try {
      pairs.push([decode(name), decode(value)]);
    } catch {
      complain(`broken encoding: ${piece}`);
    }
  }
  return pairs;
}

const decode = (text) => decodeURIComponent(text.replaceAll('+', ' '));

export const writeForm = (pairs) => new URLSearchParams(pairs).toString();
