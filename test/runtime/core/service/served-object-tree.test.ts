import { expect, test } from "vitest";
import { ServedObjectTree } from "../../../../runtime/core/service/served-object-tree.ts";
import { Subtree } from "../../../../runtime/core/service/subtree.ts";
import { Vault } from "../fixtures/vault.ts";

test("closed objects leave no nodes in the object tree", () => {
  const tree = new ServedObjectTree();
  const vault = new Vault();
  const served = tree.add("/a/b/c", [vault]);
  const end = tree.addManager("/a/b");
  expect(tree.at("/a")?.children()).toEqual(["b"]);
  expect(tree.managersAbove("/a/b/c")).toEqual(["/a/b"]);
  expect(() => tree.add("/x/y", [vault, new Vault()])).toThrow("already has the interface");
  tree.remove("/a/b/c", served);
  expect(tree.at("/a/b/c")).toBeUndefined();
  expect(tree.at("/a/b")?.children()).toEqual([]);
  end();
  expect(tree.at("/a")).toBeUndefined();
  expect(tree.at("/")?.children()).toEqual([]);
});

test("objects of a subtree leave no nodes in the object tree", () => {
  const tree = new ServedObjectTree();
  const vaults = new Map<string, Vault>();
  const find = (relative: string): readonly Vault[] => {
    const vault = vaults.get(relative) ?? new Vault(relative);
    vaults.set(relative, vault);
    return [vault];
  };
  const end = tree.addSubtree(new Subtree("/many", find, {}, () => () => undefined));
  for (let number = 0; number < 100_000; number++) {
    if (tree.at(`/many/${number % 1000}/${number}`)?.interfaces.size !== 1) expect.fail(`${number} was not found`);
    if (number % 1000 === 999) vaults.clear();
  }
  expect(tree.at("/many")?.children()).toEqual([]);
  expect([...(tree.at("/")?.below() ?? [])]).toEqual([]);
  end();
  expect(tree.at("/many/1/1")).toBeUndefined();
});

test("a path of half a million elements is looked up, and served, in linear time", () => {
  const tree = new ServedObjectTree();
  const lengths: number[] = [];
  const find = (relative: string): undefined => void lengths.push(relative.length);
  tree.addSubtree(new Subtree("/many", find, {}, () => () => undefined));
  expect(tree.at(`/many${"/a".repeat(500_000)}`)).toBeUndefined();
  expect(lengths).toEqual([999_999]);
  const deep = "/a".repeat(10_000);
  tree.add(deep, [new Vault()]);
  expect(tree.at(deep)?.interfaces.size).toBe(1);
});
