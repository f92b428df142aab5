using Wombat.Infrastructure.Backup;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Api.Hosting;

/// <summary><c>wombat backup</c> and <c>wombat restore</c>.</summary>
internal static class BackupCommands
{
    public static async Task BackupAsync(
        IServiceProvider services,
        WombatSettings settings,
        string file,
        bool withKeys,
        CancellationToken cancel
    )
    {
        var manifest = await services.GetRequiredService<DatabaseBackup>().WriteAsync(Path.GetFullPath(file), withKeys, cancel);
        Console.WriteLine(
            $"Wrote {file}: {manifest.Tables.Sum(t => t.Rows)} rows of {manifest.Tables.Count} tables, "
                + $"as of {manifest.CreatedAt:yyyy-MM-dd HH:mm:ss} UTC."
        );
        Console.WriteLine(
            withKeys
                ? "The archive contains the key files: whoever has it can read the stored secrets. Protect it accordingly."
                : "The archive does not contain the key files, which stored secrets and audit signatures need. "
                    + "Keep copies of them elsewhere:"
        );
        foreach (var (_, path) in withKeys ? [] : KeyFiles.Of(settings))
        {
            Console.WriteLine($"  {path}");
        }
    }

    public static async Task RestoreAsync(IServiceProvider services, WombatSettings settings, string file, CancellationToken cancel)
    {
        var manifest = await services.GetRequiredService<DatabaseRestore>().ReadAsync(Path.GetFullPath(file), cancel);
        Console.WriteLine(
            $"Restored {manifest.Tables.Sum(t => t.Rows)} rows of {manifest.Tables.Count} tables, "
                + $"as of {manifest.CreatedAt:yyyy-MM-dd HH:mm:ss} UTC."
        );
        if (manifest.Keys.Count == 0)
        {
            Console.WriteLine("The backup contains no key files. Before the first start, copy the key files of that time to:");
            foreach (var (_, path) in KeyFiles.Of(settings))
            {
                Console.WriteLine($"  {path}");
            }
        }

        Console.WriteLine("Verify it with 'wombat audit-verify'; 'wombat admin-token' creates an admin token for this data directory.");
    }
}
