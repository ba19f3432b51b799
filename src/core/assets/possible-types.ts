import { mayPass as mayPassOf } from '../filter/may-pass.ts';
import { ASSET_CATEGORIES, type AssetFilter, type AssetType } from './asset-properties.ts';

/**
 * Whether a filter may let through any asset of a type: false only where no asset of it can pass, whatever else it is. So a
 * question about disks need not look at what containers did.
 */
export function mayPass(filter: AssetFilter, type: AssetType): boolean {
  return mayPassOf(filter, { type: type.toLowerCase(), category: ASSET_CATEGORIES[type] });
}
