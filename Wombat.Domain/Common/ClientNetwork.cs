using System.Net;
using System.Net.Sockets;

namespace Wombat.Domain.Common;

/// <summary>The part of an IP address that identifies a client in limits and counters.</summary>
public static class ClientNetwork
{
    private const int IPv6NetworkBytes = 8;

    /// <summary>The IPv4 address, or the first 64 bits of an IPv6 address, because one host may use all of the remaining bits. Empty for no address.</summary>
    public static string Of(string? address) => address is not null && IPAddress.TryParse(address, out var ip) ? Of(ip) : address ?? "";

    public static string Of(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || address.IsIPv4MappedToIPv6)
        {
            return WithoutMapping(address).ToString();
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(IPv6NetworkBytes).Clear();
        return $"{new IPAddress(bytes)}/64";
    }

    /// <summary>Converts an IPv4-mapped IPv6 address, as dual-stack sockets report it, to IPv4.</summary>
    public static IPAddress WithoutMapping(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
