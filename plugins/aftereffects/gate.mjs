/** What ExtendScript cannot read, or reads otherwise than every other JavaScript. */

import { parse } from "acorn";
import { full } from "acorn-walk";

/** Lines that say what is wrong with a script and where; none when nothing is. */
export function es3Faults(code) {
  let tree;
  try {
    tree = parse(code, {
      ecmaVersion: 3,
      allowReserved: "never",
      preserveParens: true,
      locations: true,
    });
  } catch (error) {
    return [error.message];
  }
  // What is not ASCII is read in the machine's own code page.
  const strange = /[^\n\r\t -~]/.exec(code);
  const faults = strange ? [`a character that is not ASCII at ${strange.index}`] : [];
  full(tree, (node) => {
    if (node.type === "ConditionalExpression") {
      // After Effects 26 reads a ? b : c ? d : e from the left.
      for (const part of [node.test, node.consequent, node.alternate]) {
        if (part.type === "ConditionalExpression") {
          faults.push(`a ? : inside another needs parentheses (${part.loc.start.line}:${part.loc.start.column})`);
        }
      }
    }
  });
  return faults;
}
