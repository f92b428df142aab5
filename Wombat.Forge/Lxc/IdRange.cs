using System.Globalization;
using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>
/// The user and group ids of this machine that are 0 to 65535 inside one container. The ranges lie where neither systemd nor useradd
/// gives out ids.
/// </summary>
/// <param name="Slot">The slot of the pool "ids" of <see cref="HostSlots"/>.</param>
internal readonly record struct IdRange(int Slot)
{
    public const int Slots = 4094;
    public const int Size = 65536;
    private const uint Base = 1879048192;

    /// <summary>The id that root of the container has on this machine.</summary>
    public uint First => Base + (uint)Slot * Size;

    public string FirstText => First.ToString(CultureInfo.InvariantCulture);

    public UnixUser Root => new(First, First);

    public static HostSlots Pool() => new("ids", Slots);

    /// <summary>The command that runs a program as root of the range.</summary>
    public string[] Run(params string[] program) => ["-m", Map, "--", .. program];

    /// <summary>The range as lxc-usernsexec takes it.</summary>
    public string Map => $"b:0:{FirstText}:{Size}";
}
