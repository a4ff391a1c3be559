/** As much of CSV (RFC 4180) as reading one column needs. */

/** The cells of a column, by its name in the first row. */
export function csvColumn(text: string, column: string): string[] {
    const [header = [], ...rows] = csvRows(text);
    const at = header.indexOf(column);
    if (at < 0) throw new RangeError(`there is no column ${column}`);
    return rows.map((row) => row[at] ?? "");
}

function csvRows(text: string): string[][] {
    const rows: string[][] = [];
    let row: string[] = [];
    // A cell, quoted or not, and what ends it.
    const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;
    while (cell.lastIndex < text.length) {
        const found = cell.exec(text);
        if (!found) throw new RangeError(`not CSV in row ${rows.length + 1}`);
        row.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? "");
        if (found[3] !== ",") {
            rows.push(row);
            row = [];
        }
    }
    return rows;
}
