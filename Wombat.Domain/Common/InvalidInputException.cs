namespace Wombat.Domain.Common;

/// <summary>The input is invalid. Contains one or more messages for each field, by JSON name.</summary>
public sealed class InvalidInputException(IReadOnlyDictionary<string, string[]> errors)
    : WombatException(ErrorCode.ValidationFailed, "Some fields of the request are not valid.")
{
    public InvalidInputException(string field, string message)
        : this(new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [message] }) { }

    public IReadOnlyDictionary<string, string[]> Errors { get; } = errors;

    /// <summary>Whether the failure is security-relevant, such as a wrong password, and is recorded in the audit log.</summary>
    public bool IsRefusal { get; init; }
}
