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
            $"{file} holds {manifest.Tables.Sum(t => t.Rows)} rows of {manifest.Tables.Count} tables, as of {manifest.CreatedAt:yyyy-MM-dd HH:mm:ss} UTC."
        );
        Console.WriteLine(
            withKeys
                ? "It also holds the key files: whoever has the archive can read the stored secrets. Keep it as safe as they are."
                : "Not in it are the key files, without which stored secrets cannot be read and the audit's signatures not be checked. Keep copies apart:"
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
            $"Restored {manifest.Tables.Sum(t => t.Rows)} rows of {manifest.Tables.Count} tables, as of {manifest.CreatedAt:yyyy-MM-dd HH:mm:ss} UTC."
        );
        if (manifest.Keys.Count == 0)
        {
            Console.WriteLine("The backup holds no key files. Before the first start, put the ones of that time here:");
            foreach (var (_, path) in KeyFiles.Of(settings))
            {
                Console.WriteLine($"  {path}");
            }
        }

        Console.WriteLine("Check it with 'wombat audit-verify'; 'wombat admin-token' makes an admin token for this data directory.");
    }
}
