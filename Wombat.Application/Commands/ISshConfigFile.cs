using Wombat.Domain.Common;

namespace Wombat.Application.Commands;

/// <summary>The OpenSSH client configuration on this machine by whose names admins may register hosts.</summary>
public interface ISshConfigFile
{
    /// <exception cref="InvalidInputException">No setting names one, or it cannot be read.</exception>
    Task<string> ReadAsync(CancellationToken cancel);
}
