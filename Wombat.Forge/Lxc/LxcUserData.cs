using System.Formats.Tar;
using System.Text;
using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>The script that runs once in a container, at the first start after its creation or rebuild.</summary>
internal static class LxcUserData
{
    private const string StoredName = "user-data";
    private const string Script = "var/lib/wombat/user-data";
    private const string Started = "var/lib/wombat/user-data.started";
    private const string Unit = "etc/systemd/system/wombat-user-data.service";
    private const string Wanted = "etc/systemd/system/multi-user.target.wants/wombat-user-data.service";

    // Marked before it runs: a script that is cut short is not repeated.
    private const string UnitText = $"""
        [Unit]
        Description=User data of the container
        ConditionPathExists=!/{Started}

        [Service]
        Type=oneshot
        ExecStartPre=/bin/touch /{Started}
        ExecStart=/{Script}
        RemainAfterExit=yes
        StandardOutput=journal+console
        StandardError=journal+console

        """;

    private const string BusyboxText = $"""
        if [ ! -e /{Started} ]; then
          touch /{Started}
          /{Script} >/dev/console 2>&1 &
        fi

        """;

    /// <summary>The script of a container; null if it has none.</summary>
    /// <param name="folder">The folder of the container.</param>
    public static string? Read(string folder) =>
        Path.Combine(folder, StoredName) is var file && File.Exists(file) ? File.ReadAllText(file) : null;

    /// <summary>Stores it for later rebuilds, where only root of this machine reads it.</summary>
    public static void Write(string folder, string? script)
    {
        if (script is not null)
        {
            PrivateFiles.Write(Path.Combine(folder, StoredName), script);
        }
    }

    /// <summary>The files inside the container.</summary>
    /// <param name="isBusybox">Whether init is BusyBox; otherwise systemd.</param>
    public static IEnumerable<TarEntry> EntriesOf(string script, bool isBusybox)
    {
        yield return FileOf(Script, script, PrivateFiles.FileMode | UnixFileMode.UserExecute);
        if (isBusybox)
        {
            yield return FileOf(BusyboxImage.StartScript, BusyboxImage.StartText + BusyboxText, FileModes.Executable);
        }
        else
        {
            yield return FileOf(Unit, UnitText, FileModes.Readable);
            yield return new UstarTarEntry(TarEntryType.SymbolicLink, Wanted) { LinkName = "/" + Unit };
        }
    }

    private static UstarTarEntry FileOf(string path, string content, UnixFileMode mode) =>
        new(TarEntryType.RegularFile, path) { Mode = mode, DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) };
}
