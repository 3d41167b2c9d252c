// Opens every page of a folder as people do, and holds it against what it must be:
//
// - axe finds nothing in it, wide and narrow, light and dark;
// - on a phone it need not be scrolled sideways;
// - nothing is asked of the network, and nothing complains on the console;
// - printed on A4, a month fits on one page and a day on two;
// - it looks as the committed picture of it does, with one font of the system, but for a few pixels.
//
//   node check.mjs PAGES EXPECTED
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import pixelmatch from "pixelmatch";
import { chromium } from "playwright-core";
import { PNG } from "pngjs";

const [pages, expected] = process.argv.slice(2);
const accept = process.env.PAGES_ACCEPT === "1";
const WIDTHS = { wide: 1280, phone: 390 };
// Of these pages the picture is compared. The others are as large as their worlds.
const PICTURED = ["day", "month", "nothing"];
// The share of pixels that may differ: another version of the browser rounds otherwise.
const TOLERATED = 0.002;
const FONT = "* { font-family: 'DejaVu Sans' !important } code, code * { font-family: 'DejaVu Sans Mono' !important }";

const faults = [];
const say = (line) => process.stdout.write(`${line}\n`);
const fault = (name, what) => faults.push(`${name}: ${what}`);

async function audit(page, name) {
    await page.evaluate(axe.source);
    const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations", "incomplete"] }));
    for (const { id, impact, help, nodes } of found.violations) {
        fault(name, `axe, ${impact}: ${id}: ${help}: ${nodes.slice(0, 3).map((node) => node.html).join(" ")}`);
    }
    return found.passes.length;
}

// What reaches beyond the window, if anything does.
const overflow = () => {
    const width = document.documentElement.clientWidth;
    const inScroll = (node) => node.parentElement?.closest(".scroll");
    const wide = [...document.querySelectorAll("body *")].filter(
        (node) => !inScroll(node) && node.getBoundingClientRect().right > width + 1,
    );
    return { by: document.documentElement.scrollWidth - width, what: wide.slice(0, 3).map((node) => node.outerHTML.slice(0, 80)) };
};

// A picture in grey: small in the repository, and colours are axe's matter.
function grey(png) {
    const { data, width, height } = PNG.sync.read(png);
    const out = new PNG({ width, height });
    for (let at = 0; at < data.length; at += 4) {
        const level = Math.round((data[at] * 299 + data[at + 1] * 587 + data[at + 2] * 114) / 1000 / 17) * 17;
        out.data.set([level, level, level, 255], at);
    }
    return out;
}

function compare(name, shot) {
    const file = join(expected, `${name}.png`);
    const now = grey(shot);
    if (accept) {
        mkdirSync(expected, { recursive: true });
        writeFileSync(file, PNG.sync.write(now, { colorType: 0, inputHasAlpha: true, deflateLevel: 9 }));
        return 0;
    }
    if (!existsSync(file)) return fault(name, `there is no picture ${file}: run with PAGES_ACCEPT=1, and look at it`);
    const then = PNG.sync.read(readFileSync(file));
    if (then.width !== now.width || then.height !== now.height) {
        return fault(name, `it is ${now.width} by ${now.height}, and the picture of it ${then.width} by ${then.height}`);
    }
    const diff = new PNG({ width: now.width, height: now.height });
    const differ = pixelmatch(then.data, now.data, diff.data, now.width, now.height, { threshold: 0.2 });
    if (differ > TOLERATED * now.width * now.height) {
        writeFileSync(join(pages, `${name}.differs.png`), PNG.sync.write(diff));
        fault(name, `${differ} pixels are not as in the picture of it`);
    }
    return differ;
}

async function look(browser, file) {
    const name = file.replace(/\.html$/, "");
    const url = pathToFileURL(join(pages, file)).href;
    let passed = 0;
    const differ = [];
    for (const colorScheme of ["light", "dark"]) {
        for (const [size, width] of Object.entries(WIDTHS)) {
            const of = `${name}-${size}-${colorScheme}`;
            // The page's own policy forbids the script of the judge.
            const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
            const page = await context.newPage();
            page.on("console", (message) => fault(of, `console: ${message.text()}`));
            page.on("request", (request) => request.url() === url || fault(of, `asks for ${request.url()}`));
            await page.goto(url);
            passed += await audit(page, of);
            const { by, what } = await page.evaluate(overflow);
            if (by > 0 || what.length > 0) fault(of, `is ${by} pixels too wide: ${what.join(" ")}`);
            if (colorScheme === "light") {
                await page.addStyleTag({ content: FONT });
                const shot = await page.screenshot({ fullPage: true });
                writeFileSync(join(pages, `${name}-${size}.png`), shot);
                if (PICTURED.includes(name)) differ.push(compare(`${name}-${size}`, shot) ?? "?");
            } else if (size === "wide") {
                writeFileSync(join(pages, `${name}-dark.png`), await page.screenshot({ fullPage: true }));
            }
            await context.close();
        }
    }
    const context = await browser.newContext({ bypassCSP: true });
    const page = await context.newPage();
    await page.goto(url);
    await page.addStyleTag({ content: FONT });
    const pdf = await page.pdf({ preferCSSPageSize: true });
    writeFileSync(join(pages, `${name}.pdf`), pdf);
    await context.close();
    const printed = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    const most = name.endsWith("month") ? 1 : 2;
    if (printed < 1 || printed > most) fault(name, `is printed on ${printed} pages, and ${most} is the most`);
    const pictures = differ.length > 0 ? `, ${differ.join(" and ")} pixels off its pictures` : "";
    say(`${name}: axe passed ${passed} rules, ${printed} printed${pictures}`);
}

const browser = await chromium.launch({
    executablePath: process.env.PAGES_CHROMIUM ?? "/usr/bin/chromium",
    args: [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--font-render-hinting=none", "--disable-lcd-text",
        "--force-color-profile=srgb",
    ],
});
try {
    const files = readdirSync(pages).filter((file) => file.endsWith(".html")).sort();
    if (files.length === 0) fault(pages, "holds no page");
    for (const file of files) await look(browser, file);
} finally {
    await browser.close();
}
for (const line of faults) say(`fault: ${line}`);
process.exit(faults.length > 0 ? 1 : 0);
