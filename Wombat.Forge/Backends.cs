using System.Globalization;
using Wombat.Forge.Lxc;
using Wombat.Forge.Pve;

namespace Wombat.Forge;

/// <summary>Reads settings from environment variables and creates the configured back end.</summary>
internal static class Backends
{
    public static IBackend Create() =>
        Setting("FORGE_BACKEND") switch
        {
            null or "lxc" => new LxcBackend(Path.GetFullPath(Setting("WOMBAT_DATA_DIR") ?? ".wombat"), Setting("FORGE_LXC_BRIDGE")),
            "pve" => PveBackend.FromEnvironment(),
            var other => throw new ForgeException(ExitCode.Usage, $"FORGE_BACKEND: must be lxc or pve, not '{other}'"),
        };

    public static string? Setting(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    public static int Number(string name, int defaultValue, int min, int max) =>
        Setting(name) is not { } text ? defaultValue
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number
        : throw new ForgeException(ExitCode.Usage, $"{name}: must be a whole number from {min} to {max}");

    public static string Required(string name) => Setting(name) ?? throw new ForgeException(ExitCode.Usage, $"{name}: is required");
}
