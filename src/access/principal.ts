import { AppError } from '../lib/errors.ts';
import type { Scope } from '../store/relational/api-keys.ts';

/** Who is calling, as its key says. */
export interface Principal {
  readonly tenantId: string;
  readonly keyId: string;
  readonly scopes: readonly Scope[];
  /** The only cluster it may speak of; `null` is any of its tenant's. */
  readonly clusterId: string | null;
}

/** What is done at the console of the server itself is an operator's doing, and audited as `console`. */
export function consolePrincipal(tenantId: string): Principal {
  return { tenantId, keyId: 'console', scopes: ['operator'], clusterId: null };
}

/** An operator has `admin` of every tenant; otherwise no scope holds another. */
export function hasScope(principal: Principal, scope: Scope): boolean {
  const { scopes } = principal;
  return scopes.includes(scope) || (scope === 'admin' && scopes.includes('operator'));
}

/** Throws `scope_missing`, naming the scope. */
export function requireScope(principal: Principal, scope: Scope): void {
  if (hasScope(principal, scope)) return;
  throw new AppError('scope_missing', `this key lacks the scope "${scope}"`, { details: { scope } });
}

/**
 * The tenant that an administrative call is about: the caller's own unless it names another, which takes an operator.
 * Throws `scope_missing`.
 */
export function administeredTenant(principal: Principal, tenantId: string | undefined): string {
  requireScope(principal, 'admin');
  if (tenantId === undefined || tenantId === principal.tenantId) return principal.tenantId;
  requireScope(principal, 'operator');
  return tenantId;
}
