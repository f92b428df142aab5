namespace Wombat.Domain.Common;

/// <summary>The input is wrong; one or more messages for each field, by its JSON name.</summary>
public sealed class InvalidInputException(IReadOnlyDictionary<string, string[]> errors)
    : WombatException(ErrorCode.ValidationFailed, "Some fields of the request are not valid.")
{
    public InvalidInputException(string field, string message)
        : this(new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [message] }) { }

    public IReadOnlyDictionary<string, string[]> Errors { get; } = errors;

    /// <summary>More than a typing error: a wrong password, which belongs into the audit.</summary>
    public bool IsRefusal { get; init; }
}
