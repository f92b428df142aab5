using Wombat.Application.Commands;
using Wombat.Domain.Common;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Commands;

/// <summary>Reads the configuration that <c>commands.ssh_config</c> names.</summary>
internal sealed class SshConfigFile(WombatSettings settings) : ISshConfigFile
{
    private const string Field = "alias";

    public async Task<string> ReadAsync(CancellationToken cancel)
    {
        var path = settings.Commands.SshConfig;
        if (path is null)
        {
            throw new InvalidInputException(Field, "cannot be used: the setting commands.ssh_config is absent");
        }

        try
        {
            return new FileInfo(path).Length <= ImportHosts.DocumentMax
                ? await File.ReadAllTextAsync(path, cancel)
                : throw new InvalidInputException(
                    Field,
                    $"cannot be used: the file of commands.ssh_config has more than {ImportHosts.DocumentMax} bytes"
                );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException(Field, "cannot be used: the file of commands.ssh_config cannot be read");
        }
    }
}
