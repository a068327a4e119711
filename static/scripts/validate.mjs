// Reads pages from standard input, one JSON object `{name, html}` a line, and writes what html-validate finds wrong in
// them by the rules of `.htmlvalidate.json`, one line a fault. For the tests; fetches nothing.
import { createInterface } from "node:readline";
import { FileSystemConfigLoader, HtmlValidate } from "html-validate";

const folder = new URL("../", import.meta.url).pathname;
const validate = new HtmlValidate(new FileSystemConfigLoader());

for await (const line of createInterface({ input: process.stdin })) {
  const { name, html } = JSON.parse(line);
  const report = await validate.validateString(html, `${folder}page.html`);
  for (const { messages } of report.results) {
    for (const fault of messages) {
      const at = html.split("\n")[fault.line - 1]?.slice(Math.max(0, fault.column - 30), fault.column + 90) ?? "";
      console.log(`${name}:${fault.line} ${fault.ruleId}: ${fault.message} (${at})`);
    }
  }
}
