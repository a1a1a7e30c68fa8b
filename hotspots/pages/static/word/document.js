/* Twin: hotspots/pages/word.py */
/* The page as a Word document, made where it is read: the same words and figures, real tables, drawings as pictures. */
(function () {
  "use strict";

  const WIDE = { locator: 5, bars: 2.7, "ward-map": 18, lines: 21 }; // centimetres by class; a sheet holds 26
  const [USUAL, TEXT, ZOOM, LEAST, MOST] = [19, 26.5, 2.5, 11, 40];
  const [EMU, TWIPS] = [360000, 567]; // of Word's units to the centimetre
  const SKIPPED = new Set(["nav", "script", "style", "template", "button", "label"]);
  const LEFT_OUT = ["marking", "tools", "on-paper"];
  const HEADINGS = { h2: "Heading1", h3: "Heading2", h4: "Heading3" };
  const NAMES = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"' +
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"' +
    ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"' +
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"' +
    ' xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"';
  const BEGIN = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
  const KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
  const TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml.";

  const tagOf = (element) => element.tagName.toLowerCase();
  const clean = (text) => text.replace(/[ \t\r\n]+/g, " ");
  // Signs that XML cannot hold go; the rest cannot end what it stands in.
  const escape = (text) => text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "")
    .replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
  const isLeftOut = (element) => SKIPPED.has(tagOf(element)) || LEFT_OUT.some((name) => element.classList.contains(name));

  /* Drawings as PNG, in the order of the page; their looks are in the page's own style sheets. */
  async function picturesOf(drawings) {
    const looks = [...document.querySelectorAll("style")].map((sheet) => sheet.textContent).join("\n");
    const made = [];
    for (const drawing of drawings) {
      const copy = drawing.cloneNode(true);
      const rules = document.createElementNS("http://www.w3.org/2000/svg", "style");
      rules.textContent = looks;
      copy.prepend(rules);
      const [width, height] = copy.getAttribute("viewBox").split(" ").slice(2).map(Number);
      for (const [name, value] of Object.entries({ xmlns: "http://www.w3.org/2000/svg", width, height })) copy.setAttribute(name, value);
      const image = new Image();
      image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
      await image.decode();
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [Math.round(width * ZOOM), Math.round(height * ZOOM)];
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
      made.push({ drawing, bytes: new Uint8Array(await blob.arrayBuffer()), shape: height / width });
    }
    return made;
  }

  function run(text, { bold = false, size = 0, quiet = false } = {}) {
    const looks = `${bold ? "<w:b/>" : ""}${quiet ? '<w:color w:val="4B5563"/>' : ""}${size ? `<w:sz w:val="${2 * size}"/>` : ""}`;
    return `<w:r>${looks ? `<w:rPr>${looks}</w:rPr>` : ""}<w:t xml:space="preserve">${escape(clean(text))}</w:t></w:r>`;
  }

  function paragraph(inner, { look = "", right = false, tight = false, keep = false } = {}) {
    const looks = `${look ? `<w:pStyle w:val="${look}"/>` : ""}${keep ? "<w:keepNext/>" : ""}` +
      `${tight ? '<w:spacing w:after="0"/>' : ""}${right ? '<w:jc w:val="right"/>' : ""}`;
    return `<w:p>${looks ? `<w:pPr>${looks}</w:pPr>` : ""}${inner}</w:p>`;
  }

  function picture(drawing, pictures) {
    const at = pictures.findIndex((one) => one.drawing === drawing);
    const wide = Math.round((WIDE[drawing.classList[0]] || USUAL) * EMU);
    const extent = `cx="${wide}" cy="${Math.round(wide * pictures[at].shape)}"`;
    const told = escape(drawing.getAttribute("aria-label") || "");
    return `<w:r><w:drawing><wp:inline><wp:extent ${extent}/><wp:docPr id="${at + 1}" name="Picture ${at + 1}" descr="${told}"/>` +
      '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>' +
      `<pic:cNvPr id="${at + 1}" name="${at + 1}.png"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="p${at + 1}"/>` +
      `<a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext ${extent}/></a:xfrm>` +
      '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>';
  }

  function runs(element, pictures, look) {
    return [...element.childNodes].map((node) => {
      if (node.nodeType === Node.TEXT_NODE) return clean(node.data).trim() || /\S/.test(element.textContent) ? run(node.data, look) : "";
      if (node.nodeType !== Node.ELEMENT_NODE || isLeftOut(node)) return "";
      if (tagOf(node) === "svg") return picture(node, pictures);
      const small = tagOf(node) === "small";
      const heavy = ["strong", "b"].includes(tagOf(node)) || (look.bold && !small);
      return (small ? "<w:r><w:br/></w:r>" : "") + runs(node, pictures, { ...look, bold: heavy });
    }).join("");
  }

  const linesOf = (cell) => {
    const small = [...cell.querySelectorAll("small")].map((part) => part.textContent);
    const whole = small.reduce((text, part) => text.replace(part, ""), cell.textContent);
    return [whole, ...small].map((text) => clean(text).trim());
  };

  /* Each column gets room by its longest line, within reason: Word's own guess is that all are equal. */
  function widths(rows, equal) {
    const count = Math.max(...rows.map((row) => row.length));
    const needs = Array.from({ length: count }, (_, at) => {
      const lines = rows.flatMap((row) => (row[at] ? linesOf(row[at]) : []));
      const word = Math.max(...lines.flatMap((line) => line.split(" ")).map((part) => part.length)) + 2;
      return equal ? 1 : Math.min(Math.max(word, ...lines.map((line) => line.length), LEAST), MOST);
    });
    const all = needs.reduce((sum, need) => sum + need, 0);
    return needs.map((need) => Math.round((TEXT * TWIPS * need) / all));
  }

  function table(element, pictures) {
    const lines = [...element.rows];
    const rows = lines.map((line) => [...line.cells]);
    const wide = widths(rows, element.classList.contains("box"));
    const body = rows.map((row, at) => {
      const head = lines[at].parentElement.tagName === "THEAD";
      const cells = row.map((cell, k) => {
        const shade = head ? '<w:shd w:val="clear" w:fill="E9EDF2"/>' : "";
        const text = runs(cell, pictures, { bold: cell.tagName === "TH", size: 9 });
        const told = paragraph(text, { right: cell.classList.contains("figure"), tight: true });
        return `<w:tc><w:tcPr><w:tcW w:w="${wide[k]}" w:type="dxa"/>${shade}</w:tcPr>${told}</w:tc>`;
      });
      return `<w:tr><w:trPr><w:cantSplit/>${head ? "<w:tblHeader/>" : ""}</w:trPr>${cells.join("")}</w:tr>`;
    });
    const grid = wide.map((width) => `<w:gridCol w:w="${width}"/>`).join("");
    const looks = '<w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblLayout w:type="fixed"/></w:tblPr>';
    return `<w:tbl>${looks}<w:tblGrid>${grid}</w:tblGrid>${body.join("")}</w:tbl>${paragraph("")}`;
  }

  function facts(element) {
    const pairs = [...element.children].map((pair) => [pair.querySelector("dt"), pair.querySelector("dd")]);
    const told = pairs.map(([term, value]) => run(`${term.textContent} `) + run(`${value.textContent}   `, { bold: true }));
    return paragraph(told.join(""));
  }

  function blocks(parent, pictures) {
    return [...parent.children].filter((child) => !isLeftOut(child)).map((child) => {
      const tag = tagOf(child);
      const told = child.classList.contains("told");
      const quiet = tag !== "p" || told || child.classList.contains("note");
      if (HEADINGS[tag]) return paragraph(run(child.textContent.trim()), { look: HEADINGS[tag], keep: true });
      if (["p", "figcaption", "caption"].includes(tag)) {
        return paragraph(runs(child, pictures, quiet ? { size: 9, quiet } : {}), { keep: told });
      }
      if (tag === "li") return paragraph(run("• ") + runs(child, pictures, {}), { tight: true });
      if (tag === "dl") return facts(child);
      if (tag === "table") return table(child, pictures);
      if (tag === "svg") return paragraph(picture(child, pictures));
      return blocks(child, pictures);
    }).join("");
  }

  function style(id, name, size, more = "") {
    return `<w:style w:type="paragraph" w:styleId="${id}"><w:name w:val="${name}"/><w:basedOn w:val="Normal"/>` +
      `<w:next w:val="Normal"/><w:pPr><w:keepNext/><w:spacing w:before="200" w:after="80"/>${more}</w:pPr>` +
      `<w:rPr><w:b/><w:sz w:val="${2 * size}"/></w:rPr></w:style>`;
  }

  function styles() {
    const edge = ["top", "left", "bottom", "right", "insideH", "insideV"]
      .map((side) => `<w:${side} w:val="single" w:sz="4" w:space="0" w:color="C3CAD3"/>`).join("");
    const level = (n, size) => style(`Heading${n}`, `heading ${n}`, size, `<w:outlineLvl w:val="${n - 1}"/>`);
    return `${BEGIN}<w:styles ${NAMES}><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:cs="Arial"/>` +
      '<w:sz w:val="20"/><w:lang w:val="en-GB"/></w:rPr></w:rPrDefault>' +
      '<w:pPrDefault><w:pPr><w:spacing w:after="100"/></w:pPr></w:pPrDefault></w:docDefaults>' +
      '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>' +
      `${style("Title", "Title", 20)}${level(1, 14)}${level(2, 12)}${level(3, 11)}` +
      `<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/><w:tblPr><w:tblBorders>${edge}</w:tblBorders>` +
      '<w:tblCellMar><w:left w:w="80" w:type="dxa"/><w:right w:w="80" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style></w:styles>';
  }

  function relations(pairs) {
    const listed = pairs.map(([id, kind, target]) => `<Relationship Id="${id}" Type="${KINDS}${kind}" Target="${target}"/>`);
    return `${BEGIN}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${listed.join("")}</Relationships>`;
  }

  function contents() {
    const part = (name, kind) => `<Override PartName="/word/${name}.xml" ContentType="${TYPES}${kind}+xml"/>`;
    return `${BEGIN}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
      '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
      '<Default Extension="png" ContentType="image/png"/>' +
      `${part("document", "document.main")}${part("styles", "styles")}${part("header", "header")}${part("footer", "footer")}</Types>`;
  }

  /* The marking stands at both ends of every sheet, as on paper. */
  function edges() {
    const marking = document.querySelector(".marking");
    const said = [marking ? marking.textContent : "", document.querySelector(".sample") ? "SYNTHETIC SAMPLE" : ""];
    const line = `<w:p><w:pPr><w:jc w:val="center"/></w:pPr>${run(said.filter(Boolean).join(" · "), { bold: true })}</w:p>`;
    return [["header", "hdr"], ["footer", "ftr"]].map(([name, tag]) =>
      [`word/${name}.xml`, `${BEGIN}<w:${tag} ${NAMES}>${line}</w:${tag}>`]);
  }

  async function parts() {
    const whole = [document.querySelector("main"), document.querySelector("footer")];
    const pictures = await picturesOf(whole.flatMap((part) => [...part.querySelectorAll("svg")]));
    const title = paragraph(run(document.querySelector("h1").textContent), { look: "Title" });
    const said = [...document.querySelectorAll(".page-header .sample, .page-header .attested")];
    const body = title + said.map((line) => paragraph(runs(line, pictures, {}))).join("") +
      whole.map((part) => blocks(part, pictures)).join("");
    const sheet = '<w:sectPr><w:headerReference w:type="default" r:id="h"/><w:footerReference w:type="default" r:id="f"/>' +
      '<w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/><w:pgMar w:top="1020" w:right="907" w:bottom="1020" w:left="907"' +
      ' w:header="500" w:footer="500" w:gutter="0"/></w:sectPr>';
    const drawn = pictures.map((_, at) => [`p${at + 1}`, "image", `media/${at + 1}.png`]);
    return [
      ["[Content_Types].xml", contents()],
      ["_rels/.rels", relations([["d", "officeDocument", "word/document.xml"]])],
      ["word/document.xml", `${BEGIN}<w:document ${NAMES}><w:body>${body}${sheet}</w:body></w:document>`],
      ["word/_rels/document.xml.rels",
        relations([["s", "styles", "styles.xml"], ["h", "header", "header.xml"], ["f", "footer", "footer.xml"], ...drawn])],
      ["word/styles.xml", styles()], ...edges(), ...pictures.map(({ bytes }, at) => [`word/media/${at + 1}.png`, bytes]),
    ];
  }

  async function save() {
    button.disabled = true;
    const blob = new Blob(window.WordZip.zip(await parts()), { type: `${TYPES}document` });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = (window.location.pathname.split("/").pop() || "page.html").replace(/\.html?$/, "") + ".docx";
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    button.disabled = false;
  }

  const button = document.getElementById("word");
  button.hidden = false;
  button.addEventListener("click", save);
  // The map's link asks for the document itself.
  if (window.location.hash === "#word") {
    window.history.replaceState(null, "", window.location.pathname);
    save();
  }
})();
