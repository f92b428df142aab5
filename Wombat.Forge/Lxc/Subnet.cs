using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Wombat.Forge.Lxc;

/// <summary>A range of IPv4 addresses, such as 10.213.0.0/24.</summary>
/// <param name="Base">The first address.</param>
/// <param name="Prefix">The number of leading bits that its addresses share.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Subnet(uint Base, int Prefix)
{
    public uint Size => 1u << (32 - Prefix);

    /// <summary>The number of addresses for containers: all but the network, the gateway and the broadcast address.</summary>
    public int Hosts => (int)Math.Min(Size - 3, int.MaxValue);

    public string Gateway => Address(1);

    public string Broadcast => Address(Size - 1);

    /// <summary>The address at a distance from the first one.</summary>
    public string Address(uint offset) => Format(Base + offset);

    public bool Contains(uint address) => address - Base < Size;

    public bool Overlaps(Subnet other) => Contains(other.Base) || other.Contains(Base);

    /// <summary>The parts of this range with the prefix; the whole range when it is smaller.</summary>
    public IEnumerable<Subnet> Split(int prefix)
    {
        var part = Math.Max(prefix, Prefix);
        for (var i = 0u; i < 1u << (part - Prefix); i++)
        {
            yield return new Subnet(Base + (i << (32 - part)), part);
        }
    }

    public override string ToString() => $"{Format(Base)}/{Prefix.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Reads an address with its prefix. Returns null if the text has another form or bits are set behind the prefix.</summary>
    public static Subnet? Parse(string text) =>
        text.Split('/') is [var address, var bits]
        && ParseAddress(address) is { } start
        && int.TryParse(bits, NumberStyles.None, CultureInfo.InvariantCulture, out var prefix)
        && prefix is >= 1 and <= 32
        && (prefix == 32 || start << prefix == 0)
            ? new Subnet(start, prefix)
            : null;

    /// <summary>Reads an IPv4 address in its usual form; null if the text is something else.</summary>
    public static uint? ParseAddress(string text) =>
        IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork && address.ToString() == text
            ? BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes())
            : null;

    private static string Format(uint address) => new IPAddress(BinaryPrimitives.ReverseEndianness(address)).ToString();
}
