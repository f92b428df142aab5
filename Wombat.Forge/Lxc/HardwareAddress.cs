using System.Globalization;

namespace Wombat.Forge.Lxc;

/// <summary>Locally administered hardware addresses, made from numbers that are unique on this machine.</summary>
internal static class HardwareAddress
{
    public const int Container = 0x01;
    public const int Bridge = 0x02;

    public static string Of(int type, int number) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"0a:57:{type:x2}:{(number >> 16) & 0xff:x2}:{(number >> 8) & 0xff:x2}:{number & 0xff:x2}"
        );
}
