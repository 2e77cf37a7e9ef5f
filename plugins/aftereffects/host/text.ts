/** JSON, which ExtendScript lacks. Written in ASCII; read only for small texts. */

import type { Json } from "../contract/host";
import { problem } from "./problem";

const PLAIN = /^[ !#-\[\]-~]*$/;

/** Any value of JSON as a text; numbers that are none become null. */
export function toJson(value: unknown): string {
  if (value === null || value === undefined) {
    return "null";
  }
  if (typeof value === "string") {
    return quoted(value);
  }
  if (typeof value === "number") {
    return isFinite(value) ? String(value) : "null";
  }
  if (typeof value === "boolean") {
    return value ? "true" : "false";
  }
  return value instanceof Array ? listJson(value) : fieldsJson(value as { [key: string]: unknown });
}

function listJson(list: unknown[]): string {
  const parts: string[] = [];
  for (let i = 0; i < list.length; i++) {
    parts.push(toJson(list[i]));
  }
  return "[" + parts.join(",") + "]";
}

function fieldsJson(fields: { [key: string]: unknown }): string {
  const parts: string[] = [];
  for (const key in fields) {
    if (fields.hasOwnProperty(key) && fields[key] !== undefined) {
      parts.push(quoted(key) + ":" + toJson(fields[key]));
    }
  }
  return "{" + parts.join(",") + "}";
}

function quoted(text: string): string {
  if (PLAIN.test(text)) {
    return '"' + text + '"';
  }
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    out += PLAIN.test(c) ? c : escaped(text.charCodeAt(i));
  }
  return '"' + out + '"';
}

function escaped(code: number): string {
  const hex = code.toString(16);
  return "\\u" + "0000".substring(hex.length) + hex;
}

/** The JSON value that starts at `from`, and where it ends. Throws a problem for anything else. */
export function readJson(text: string, from: number): { value: Json; end: number } {
  const reader = new Reader(text, from);
  const value = reader.value();
  return { value: value, end: reader.at };
}

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?/;
const WORDS: (boolean | null)[] = [true, false, null];
const ESCAPES: { [letter: string]: string } = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  "/": "/",
  "\\": "\\",
  '"': '"'
};

class Reader {
  at: number;
  private text: string;

  constructor(text: string, from: number) {
    this.text = text;
    this.at = from;
  }

  value(): Json {
    this.space();
    const c = this.text.charAt(this.at);
    if (c === "{") {
      return this.fields();
    }
    if (c === "[") {
      return this.list();
    }
    return c === '"' ? this.string() : this.word();
  }

  private fields(): Json {
    const made: { [key: string]: Json } = {};
    this.at++;
    while (!this.took("}")) {
      this.space();
      const key = this.string();
      this.must(":");
      made[key] = this.value();
      this.separated("}");
    }
    return made;
  }

  private list(): Json {
    const made: Json[] = [];
    this.at++;
    while (!this.took("]")) {
      made.push(this.value());
      this.separated("]");
    }
    return made;
  }

  private separated(end: string): void {
    this.space();
    if (this.text.charAt(this.at) !== end) {
      this.must(",");
    }
  }

  /** In runs up to the next escape: letter by letter takes long in ExtendScript. */
  private string(): string {
    let out = "";
    this.must('"');
    for (;;) {
      const end = this.text.indexOf('"', this.at);
      if (end < 0) {
        throw this.broken();
      }
      const escape = this.text.substring(this.at, end).indexOf("\\");
      if (escape < 0) {
        out += this.text.substring(this.at, end);
        this.at = end + 1;
        return out;
      }
      out += this.text.substr(this.at, escape);
      this.at += escape + 1;
      out += this.escaped();
    }
  }

  /** What stands behind a backslash. */
  private escaped(): string {
    const next = this.text.charAt(this.at++);
    if (next === "u") {
      this.at += 4;
      return String.fromCharCode(parseInt(this.text.substring(this.at - 4, this.at), 16));
    }
    if (!ESCAPES.hasOwnProperty(next)) {
      throw this.broken();
    }
    return ESCAPES[next];
  }

  private word(): Json {
    const rest = this.text.substr(this.at, 32);
    for (let i = 0; i < WORDS.length; i++) {
      if (rest.indexOf(String(WORDS[i])) === 0) {
        this.at += String(WORDS[i]).length;
        return WORDS[i];
      }
    }
    const number = NUMBER.exec(rest);
    if (!number) {
      throw this.broken();
    }
    this.at += number[0].length;
    return parseFloat(number[0]);
  }

  private space(): void {
    while (this.at < this.text.length && " \n\r\t".indexOf(this.text.charAt(this.at)) >= 0) {
      this.at++;
    }
  }

  private took(c: string): boolean {
    this.space();
    const is = this.text.charAt(this.at) === c;
    this.at += is ? 1 : 0;
    return is;
  }

  private must(c: string): void {
    if (!this.took(c)) {
      throw this.broken();
    }
  }

  private broken(): unknown {
    return problem(
      "bad_data",
      "What Megaton Roto kept in the layer's comment is damaged.",
      "Take the part in [megaton-roto ...] out of the layer's comment, and apply the masks again."
    );
  }
}
