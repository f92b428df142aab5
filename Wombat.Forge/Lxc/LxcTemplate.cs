using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Wombat.Forge.Lxc;

/// <summary>A template of the LXC back end, and where its image comes from.</summary>
/// <param name="Source">busybox, <c>debootstrap:SUITE</c>, or the path of a root file system archive.</param>
internal sealed record LxcTemplate(string Name, string Description, string Source)
{
    private const string Debootstrap = "debootstrap:";

    // Part of every image's name, so that images of an earlier recipe are not used.
    private const string Recipe = "1";

    public bool IsBusybox => Source == "busybox";

    /// <summary>The suite of debootstrap; null for other sources.</summary>
    public string? Suite => Source.StartsWith(Debootstrap, StringComparison.Ordinal) ? Source[Debootstrap.Length..] : null;

    public bool AcceptsSshKeys => !IsBusybox;

    /// <summary>How long building the image takes on a machine with two cores.</summary>
    public int BuildSeconds =>
        IsBusybox ? 1
        : Suite is not null ? 80
        : 20;

    /// <summary>Changes when the image has to be built again; null while the file that it is made of is missing.</summary>
    public string? Version =>
        SourceFileState() is { } state
            ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Recipe} {Source} {state}")))[..12]
            : null;

    /// <summary>Reads the built-in templates and those of FORGE_LXC_TEMPLATES.</summary>
    /// <exception cref="ForgeException">Usage: the setting is wrong.</exception>
    public static IReadOnlyList<LxcTemplate> ReadAll()
    {
        var templates = new List<LxcTemplate>
        {
            new("busybox", "BusyBox: a shell and basic tools", "busybox"),
            new("debian-12", "Debian 12 with systemd and sshd", Debootstrap + "bookworm"),
            new("debian-13", "Debian 13 with systemd and sshd", Debootstrap + "trixie"),
        };
        foreach (
            var entry in (Backends.Setting("FORGE_LXC_TEMPLATES") ?? "").Split(
                ',',
                StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries
            )
        )
        {
            var (name, source) =
                entry.Split('=', 2) is [var n, var s] && n.Length is > 0 and <= 60 && n.All(IsPartOfName) && IsSource(s)
                    ? (n, s)
                    : throw new ForgeException(
                        ExitCode.Usage,
                        $"FORGE_LXC_TEMPLATES: '{entry}' is not of the form name=/path/to/rootfs.tar.xz or name=debootstrap:SUITE"
                    );
            templates.RemoveAll(t => t.Name == name);
            var isSuite = source.StartsWith(Debootstrap, StringComparison.Ordinal);
            templates.Add(
                new LxcTemplate(name, isSuite ? $"{source[Debootstrap.Length..]} by debootstrap" : "Root file system archive", source)
            );
        }

        return templates;
    }

    private static bool IsPartOfName(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_';

    private static bool IsSource(string source) =>
        source.StartsWith(Debootstrap, StringComparison.Ordinal)
            ? source.Length > Debootstrap.Length && source[Debootstrap.Length..].All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            : Path.IsPathFullyQualified(source);

    private string? SourceFileState()
    {
        if (Suite is not null)
        {
            return "";
        }

        var file = IsBusybox ? LxcTools.FindInstalled("busybox") : Source;
        return file is not null && new FileInfo(file) is { Exists: true } info
            ? string.Create(CultureInfo.InvariantCulture, $"{info.Length} {info.LastWriteTimeUtc.Ticks}")
            : null;
    }
}
