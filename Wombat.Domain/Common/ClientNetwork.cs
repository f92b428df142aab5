using System.Net;
using System.Net.Sockets;

namespace Wombat.Domain.Common;

/// <summary>The part of an address by which callers are told apart, for every limit and count.</summary>
public static class ClientNetwork
{
    private const int IPv6NetworkBytes = 8;

    /// <summary>An IPv4 address, or the first 64 bits of an IPv6 address, since one host may use all others; empty for none.</summary>
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

    /// <summary>A socket for both families shows an IPv4 address as an IPv6 one.</summary>
    public static IPAddress WithoutMapping(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
