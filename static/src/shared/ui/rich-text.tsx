// A message's marks, as the server rendered and cleaned them. Set safely here once more: the HTML is read without being
// run, and only known elements are made anew, none of whose attributes are taken over but an address that is safe.
import { h, type ComponentChildren, type VNode } from "preact";
import { useMemo } from "preact/hooks";
import { useLanguage } from "./hooks";
import { HiddenChip, MessageText } from "./message-text";

const ELEMENTS = new Set([
  "p", "br", "strong", "em", "b", "i", "del", "s", "code", "pre", "ul", "ol", "li", "blockquote", "hr",
  "table", "thead", "tbody", "tr", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6",
]); // prettier-ignore
const HIDDEN = /^⟦([A-Z_]+):([1-9]\d*)⟧$/;
const DEEPEST = 24;

function children(node: Node, depth: number): ComponentChildren[] {
  return depth > DEEPEST ? [node.textContent] : [...node.childNodes].map((child, index) => shown(child, index, depth));
}

function shown(node: Node, key: number, depth: number): ComponentChildren {
  if (node.nodeType === Node.TEXT_NODE) return <MessageText key={key} text={node.textContent ?? ""} />;
  if (!(node instanceof Element)) return null;
  const name = node.localName;
  if (name === "a") return link(node, key, depth);
  if (name === "span") {
    const hidden = HIDDEN.exec(node.textContent ?? "");
    if (hidden) return <HiddenChip key={key} label={hidden[1] ?? ""} number={Number(hidden[2])} />;
  }
  if (name === "br" || name === "hr") return h(name, { key });
  const inner = children(node, depth + 1);
  // A heading in a message is no heading of the page.
  const made = /^h\d$/.test(name) ? "strong" : name;
  return ELEMENTS.has(name) ? h(made, { key }, ...(inner as VNode[])) : inner;
}

function link(node: Element, key: number, depth: number): ComponentChildren {
  const inner = [...node.childNodes].map((child, index) =>
    child.nodeType === Node.TEXT_NODE ? child.textContent : shown(child, index, depth + 1),
  );
  try {
    const { protocol, href, username } = new URL(node.getAttribute("href") ?? "");
    if (!/^(https?|mailto):$/.test(protocol) || username) return inner;
    return (
      <a key={key} href={href} target="_blank" rel="noopener noreferrer nofollow ugc">
        {inner}
      </a>
    );
  } catch {
    return inner;
  }
}

export function Rich({ html }: { html: string }) {
  const language = useLanguage();
  return useMemo(() => <>{children(new DOMParser().parseFromString(html, "text/html").body, 0)}</>, [html, language]);
}
