using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Wombat.Domain.Common;

namespace Wombat.Api.Middleware;

/// <summary>Limits the connections per address. Trusted proxies are exempt, because all users connect through them.</summary>
internal sealed class ConnectionLimit(int perAddress, IReadOnlyList<IPAddress> trustedProxies)
{
    private readonly ConcurrentDictionary<string, int> open = new(StringComparer.Ordinal);

    public ConnectionDelegate Wrap(ConnectionDelegate next) =>
        perAddress == 0
            ? next
            : async connection =>
            {
                if (
                    connection.RemoteEndPoint is not IPEndPoint { Address: var address }
                    || trustedProxies.Contains(ClientNetwork.WithoutMapping(address))
                )
                {
                    await next(connection);
                    return;
                }

                var network = ClientNetwork.Of(address);
                try
                {
                    if (open.AddOrUpdate(network, 1, (_, count) => count + 1) <= perAddress)
                    {
                        await next(connection);
                    }
                    else
                    {
                        connection.Abort(new ConnectionAbortedException("The address has too many open connections."));
                    }
                }
                finally
                {
                    if (open.AddOrUpdate(network, 0, (_, count) => count - 1) == 0)
                    {
                        open.TryRemove(KeyValuePair.Create(network, 0));
                    }
                }
            };
}
