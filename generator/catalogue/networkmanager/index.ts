export { type Activation, type ActivationStart, activate, type WaitOptions } from "./activation.ts";
export { NETWORK_MANAGER } from "./network-manager.ts";
export {
  registerSecretAgent,
  type SecretAgentOptions,
  SecretAgentSkeleton,
  type SecretRequest,
} from "./secret-agent.ts";
