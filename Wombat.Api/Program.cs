using Npgsql;
using Wombat.Api.Hosting;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Backup;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;
using Wombat.Infrastructure.Processes;

try
{
    return await CommandLine.RunAsync(args, Console.Out, Console.Error);
}
catch (Exception e) when (e is SettingsException or PluginConfigurationException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return CommandLine.UsageError;
}
catch (BackupException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
catch (Exception e)
    when (e
            is NpgsqlException
                or InvalidOperationException
                or IOException
                or UnauthorizedAccessException
                or OperationCanceledException
                or TimeoutException
                or ProgramMissingException
                or UnsupportedSchemaException
    )
{
    await Console.Error.WriteLineAsync($"Wombat cannot start: {e.Message}");
    return 1;
}
