import type { OutgoingHttpHeaders } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { AppError } from '../../lib/errors.ts';

/**
 * Who we are to a Kubernetes API: a kubeconfig file, or the service account of the pod that we run in. The client library
 * reads both as kubectl does (certificates, tokens, token files, exec plug-ins, proxies). It is loaded when it is needed: that
 * takes a second and 90 MB, which a server that watches nothing does not have to spend.
 *
 * Nothing that is thrown here names a token, or repeats what a plug-in wrote: such text may hold a secret.
 */
export interface Credentials {
  /** Address of the API, without a slash at its end. */
  readonly server: string;
  /** What a request needs: trust, agent and the authorization of now. */
  readonly requestOptions: () => Promise<SignedOptions>;
}

type SignedOptions = Omit<RequestOptions, 'headers'> & { headers: OutgoingHttpHeaders };

export interface CredentialsSource {
  /** Path of a kubeconfig file; left out, the service account of this pod. */
  readonly kubeconfig?: string | undefined;
  /** Context of that file; left out, its current one. */
  readonly context?: string | undefined;
}

/** Reads them anew. Throws `invalid_config` where they are none, or would not verify whom they are shown to. */
export async function loadCredentials({ kubeconfig, context }: CredentialsSource): Promise<Credentials> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  if (kubeconfig === undefined) readThisPod(config);
  else readFile(config, kubeconfig, context);
  const cluster = config.getCurrentCluster();
  if (!cluster) throw noCluster(config);
  if (!cluster.server.startsWith('https:')) {
    throw new AppError(
      'invalid_config',
      `cannot use the Kubernetes API at ${hostOf(cluster.server)}: it must be https`,
    );
  }
  if (cluster.skipTLSVerify) {
    const message = `cannot use context "${config.getCurrentContext()}": it skips TLS verification; give it a certificate-authority`;
    throw new AppError('invalid_config', message);
  }
  return {
    server: cluster.server.replace(/\/+$/, ''),
    async requestOptions() {
      const options: SignedOptions = { headers: {} };
      try {
        await config.applyToHTTPSOptions(options);
      } catch {
        throw new AppError('upstream_unavailable', 'cannot read the credentials for the Kubernetes API');
      }
      return options;
    },
  };
}

function noCluster(config: KubeConfig): AppError {
  return new AppError('invalid_config', `cannot find the cluster of context "${config.getCurrentContext()}"`);
}

function readThisPod(config: KubeConfig): void {
  config.loadFromCluster();
  if (config.getCurrentCluster()?.server.includes('undefined')) {
    throw new AppError('invalid_config', 'cannot find a Kubernetes API: this is no pod, and no kubeconfig is set');
  }
}

function readFile(config: KubeConfig, path: string, context: string | undefined): void {
  try {
    config.loadFromFile(path);
  } catch {
    throw new AppError('invalid_config', `cannot read the kubeconfig file ${path}`);
  }
  if (context !== undefined) config.setCurrentContext(context);
}

function hostOf(server: string): string {
  return URL.parse(server)?.host ?? 'an address that is none';
}
