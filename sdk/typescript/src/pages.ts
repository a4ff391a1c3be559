/** Lists come in pages; this walks through them. */

export interface Page<Item> {
    readonly items: readonly Item[];
    readonly nextCursor: string | null;
}

/**
 * Every item of a list, its pages asked for as they are needed:
 *
 *     for await (const run of everyItem((page) => client.usage.runs({ from, to, ...page }))) …
 */
export async function* everyItem<Item>(
    list: (page: { readonly cursor?: string }) => Promise<Page<Item>>,
): AsyncGenerator<Item, void, undefined> {
    for (let cursor: string | null | undefined; cursor !== null;) {
        const page: Page<Item> = await list(cursor === undefined ? {} : { cursor });
        yield* page.items;
        cursor = page.nextCursor;
    }
}
