using Npgsql;
using Wombat.Api.Hosting;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Backup;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;
using Wombat.Infrastructure.Processes;

try
{
    var command = CommandLine.Parse(args);
    if (command.Information(isBare: args.All(a => a.StartsWith('-'))) is { } information)
    {
        Console.WriteLine(information);
        return 0;
    }

    return await Commands.RunAsync(command);
}
catch (Exception e) when (e is SettingsException or PluginConfigurationException or CommandLineException)
{
    // The operator reads a line for each setting, not a stack trace.
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
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
