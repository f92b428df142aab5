using Wombat.Domain.Common;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>A server did not start. The message is the reason from its log.</summary>
internal sealed class ServerStartException(string message) : Exception(ExternalText.Clean(message))
{
    /// <summary>Whether another process listens on its port.</summary>
    public bool PortIsTaken =>
        Message.Contains("could not create any TCP/IP sockets", StringComparison.Ordinal)
        || Message.Contains("could not bind", StringComparison.Ordinal)
        || Message.Contains("Address already in use", StringComparison.Ordinal);
}
