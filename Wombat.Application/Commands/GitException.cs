using Wombat.Domain.Common;

namespace Wombat.Application.Commands;

/// <summary>A repository could not be read. The message is shown to users.</summary>
/// <param name="isTemporary">Whether a later attempt may succeed.</param>
public sealed class GitException(ErrorCode code, string message, bool isTemporary = false) : Exception(message)
{
    public ErrorCode Code { get; } = code;

    public bool IsTemporary { get; } = isTemporary;
}
