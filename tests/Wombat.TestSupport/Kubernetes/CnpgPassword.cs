namespace Wombat.TestSupport.Kubernetes;

/// <summary>The password in a Secret, and the version of the Secret.</summary>
internal sealed record CnpgPassword(string Password, string Version);
