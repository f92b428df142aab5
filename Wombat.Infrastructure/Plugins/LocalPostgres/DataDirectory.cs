using System.Buffers.Binary;
using System.Globalization;
using Wombat.Domain.Common;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Creates data directories. Each is made by initdb, since copies would share their system identifier.</summary>
internal static class DataDirectory
{
    private const int FirstWithBuiltinProvider = 17;
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    public static async Task InitializeAsync(InstanceFolder folder, PostgresInstallation installation, CancellationToken cancel)
    {
        CreateDraft(folder, installation);
        string[] locale =
            installation.Version >= FirstWithBuiltinProvider
                ? ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
                : ["--locale=C.UTF-8"];
        var result = await installation.RunAsync(
            "initdb",
            [
                "-D",
                "data.new",
                "-U",
                "postgres",
                "-E",
                "UTF8",
                "-k",
                .. locale,
                "--auth-local=peer",
                "--auth-host=scram-sha-256",
                "--wal-segsize=1",
                "--no-instructions",
            ],
            folder.Path,
            Timeout,
            cancel
        );
        if (result.ExitCode != 0)
        {
            throw new ExternalSystemException(ExternalFailure.Unavailable, $"initdb failed: {result.ErrorTail}");
        }

        Directory.Move(folder.Draft, folder.Data);
    }

    /// <summary>Creates an empty data directory under its temporary name.</summary>
    public static void CreateDraft(InstanceFolder folder, PostgresInstallation installation)
    {
        Remove(folder.Draft);
        installation.User.CreatePrivateDirectory(folder.Draft);
    }

    public static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>
    /// Puts the restored data directory in the place of the present one, which is kept aside. Completes what was cut short: after the first
    /// move the present one is missing.
    /// </summary>
    public static void Swap(InstanceFolder folder)
    {
        var restored = folder.Restored.Data;
        if (!Directory.Exists(restored))
        {
            return;
        }

        if (Directory.Exists(folder.Data))
        {
            Remove(folder.Discarded);
            Directory.Move(folder.Data, folder.Discarded);
        }

        Directory.Move(restored, folder.Data);
    }

    public static string ReadSystemIdentifier(InstanceFolder folder)
    {
        using var file = File.OpenRead(Path.Combine(folder.Data, "global", "pg_control"));
        Span<byte> first = stackalloc byte[sizeof(ulong)];
        file.ReadExactly(first);
        return BinaryPrimitives.ReadUInt64LittleEndian(first).ToString(CultureInfo.InvariantCulture);
    }
}
