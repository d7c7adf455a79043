"use strict";
// Sortable and filterable tables. Without this script the tables are complete and readable.
(() => {
  // Shorter tables are seen whole and need no filter.
  const fewRows = 6;
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.hasAttribute("data-value") ? cell.dataset.value : cell.textContent.trim();
  };

  const compare = (a, b) => {
    // Cells without a value come last whichever way the column is sorted.
    if (a === "" || b === "") return { empty: true, order: (a === "") - (b === "") };
    const x = Number(a);
    const y = Number(b);
    const order = Number.isNaN(x) || Number.isNaN(y) ? collator.compare(a, b) : x - y;
    return { empty: false, order };
  };

  const sort = (table, column, header) => {
    const descending = header.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const body = table.tBodies[0];
    const rows = Array.from(body.rows, (row) => ({ row, value: key(row, column) }));
    rows.sort((a, b) => {
      const { empty, order } = compare(a.value, b.value);
      return empty || !descending ? order : -order;
    });
    body.append(...rows.map(({ row }) => row));
  };

  for (const table of document.querySelectorAll("table.sortable")) {
    Array.from(table.tHead.rows[0].cells).forEach((header, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = header.textContent;
      header.replaceChildren(button);
      button.addEventListener("click", () => sort(table, column, header));
    });
  }

  for (const filter of document.querySelectorAll("[data-filter-for]")) {
    const table = document.getElementById(filter.dataset.filterFor);
    const words = filter.querySelector("input");
    const verdict = filter.querySelector("select");
    const output = filter.querySelector("output");
    const rows = Array.from(table.tBodies[0].rows, (row) => ({
      row,
      text: row.textContent.toLowerCase(),
    }));
    const apply = () => {
      const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
      const chosen = verdict ? verdict.value : "";
      let shown = 0;
      for (const { row, text } of rows) {
        const fits =
          wanted.every((word) => text.includes(word)) && (!chosen || row.dataset.verdict === chosen);
        row.hidden = !fits;
        shown += fits;
      }
      output.textContent = `${shown} of ${rows.length} rows`;
    };
    words.addEventListener("input", apply);
    if (verdict) verdict.addEventListener("change", apply);
    filter.hidden = table.tBodies[0].rows.length < fewRows;
    apply();
  }

  // A printed page shows what is folded away on screen.
  let folded = [];
  window.addEventListener("beforeprint", () => {
    folded = Array.from(document.querySelectorAll("details:not([open])"));
    for (const item of folded) item.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const item of folded) item.open = false;
  });
})();
