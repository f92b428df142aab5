namespace Wombat.Domain.Plugins;

/// <summary>An address at which a resource is reached.</summary>
/// <param name="Name">The service at the address, such as <c>host</c>, <c>postgres</c> or <c>pooler</c>.</param>
/// <param name="Host">A host name or IP address.</param>
/// <param name="Port">Null when the endpoint is the whole host.</param>
public sealed record ResourceEndpoint(string Name, string Host, int? Port = null);
