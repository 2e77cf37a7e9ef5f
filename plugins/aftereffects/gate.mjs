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
    for (const part of misread(node)) {
      faults.push(
        `${part.type} needs parentheses (${part.loc.start.line}:${part.loc.start.column})`,
      );
    }
  });
  return faults;
}

/** Parts of a node that ExtendScript takes together otherwise than they are written. */
function misread(node) {
  if (node.type === "ConditionalExpression") {
    // After Effects 26 reads a ? b : c ? d : e from the left.
    const parts = [node.test, node.consequent, node.alternate];
    return parts.filter((part) => part.type === "ConditionalExpression");
  }
  if (node.type === "LogicalExpression") {
    // Its engine is said to rank && and || alike.
    const parts = [node.left, node.right];
    return parts.filter((p) => p.type === "LogicalExpression" && p.operator !== node.operator);
  }
  return [];
}
