using System.Net;
using System.Net.Sockets;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Api.Hosting;

/// <summary>Checks that Wombat can listen on its port, before anything is created.</summary>
internal static class PortCheck
{
    /// <exception cref="SettingsException">Another program uses the port, or the address does not belong to this machine.</exception>
    public static void Ensure(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
        }
        catch (SocketException e)
        {
            throw new SettingsException(
                "port",
                e.SocketErrorCode == SocketError.AddressAlreadyInUse
                    ? $"{address}:{port} is in use by another program"
                    : $"cannot listen on {address}:{port}: {e.Message}"
            );
        }
    }
}
