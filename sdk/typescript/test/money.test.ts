import assert from "node:assert/strict";
import { test } from "node:test";
import { csvColumn } from "../src/csv.js";
import { eventBody } from "../src/events.js";
import { fromPico, sumOf, toPico } from "../src/index.js";

test("amounts are exact where numbers are not", () => {
    assert.equal(sumOf(["0.1", "0.2"]), "0.3");
    assert.equal(sumOf(["9007199254740993", "0.000000000001"]), "9007199254740993.000000000001");
    assert.equal(sumOf(["1.5", "-2.25"]), "-0.75");
    assert.equal(sumOf([]), "0");
});

test("a decimal string is read to its last digit, and no further", () => {
    assert.equal(toPico("0.000000000001"), 1n);
    assert.equal(fromPico(-1n), "-0.000000000001");
    for (const text of ["", "1.", ".5", "1e3", "0.0000000000001", "1,5", " 1", "NaN"]) {
        assert.throws(() => toPico(text), RangeError);
    }
});

test("quantities go out without loss and without an exponent", () => {
    const usage = { a: 1, b: 0.1 + 0.2, c: "12.5", d: 2n ** 60n, e: 1e-7, f: 1e-13 };
    assert.deepEqual(eventBody({ service: "s", usage }).usage, {
        a: 1,
        b: "0.3",
        c: "12.5",
        d: "1152921504606846976",
        e: "0.0000001",
        f: "0",
    });
    for (const quantity of [NaN, Infinity]) {
        assert.throws(() => eventBody({ service: "s", usage: { a: quantity } }), TypeError);
    }
});

test("cells of CSV are read as they were written", () => {
    const text = 'key,note,costUsd\r\n"a,b","say ""no""\nand go",0.5\r\nc,,0.25\r\n';
    assert.deepEqual(csvColumn(text, "costUsd"), ["0.5", "0.25"]);
    assert.deepEqual(csvColumn(text, "note"), ['say "no"\nand go', ""]);
    assert.throws(() => csvColumn(text, "cost"), /no column cost/);
    assert.throws(() => csvColumn('a\nb"c', "a"), /not CSV/);
});
