namespace Wombat.Domain.Common;

/// <summary>A failure that the caller caused or must know of. <see cref="Code"/> is stable and part of the API.</summary>
public abstract class WombatException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>A stable snake_case word such as <c>project_exists</c>.</summary>
    public string Code { get; } = code;
}

/// <summary>The thing does not exist, or the caller may not know that it does.</summary>
public sealed class NotFoundException(string noun, bool hidden = false, string? detail = null)
    : WombatException($"{noun}_not_found", detail ?? $"There is no such {noun}.")
{
    /// <summary>It may well exist; the caller may not know. Told to the audit alone.</summary>
    public bool IsRefusal { get; } = hidden;
}

/// <summary>The request contradicts what is stored now.</summary>
public sealed class ConflictException(string code, string message) : WombatException(code, message);

/// <summary>No valid credential came with the request.</summary>
/// <param name="message">For the caller; tells nothing of why a credential is not valid.</param>
/// <param name="reason">For the audit: why what was presented is not valid; null when nothing was presented.</param>
public sealed class UnauthenticatedException(string message, string? reason = null) : WombatException("unauthenticated", message)
{
    public string? Reason { get; } = reason is null ? null : ExternalText.Clean(reason);
}

/// <summary>The caller is known but lacks a permission.</summary>
public sealed class ForbiddenException : WombatException
{
    public ForbiddenException(string permission)
        : base("forbidden", $"This needs the permission {permission}.") => Permission = permission;

    /// <summary>Refused for another reason than a permission.</summary>
    public ForbiddenException(string code, string message)
        : base(code, message) { }

    public string? Permission { get; }
}

/// <summary>The caller has to wait.</summary>
/// <param name="retryAfter">How long.</param>
public sealed class TooManyRequestsException(string code, string message, TimeSpan retryAfter) : WombatException(code, message)
{
    public TimeSpan RetryAfter { get; } = retryAfter;
}

/// <summary>An outside system that the request needs does not answer; trying again later helps.</summary>
public sealed class UnavailableException(string code, string message) : WombatException(code, message);

/// <summary>The If-Match of the request names a version that is no longer the stored one.</summary>
public sealed class StaleVersionException()
    : WombatException("stale_version", "It was changed in the meantime. Read it again, then repeat the change.");

/// <summary>The request is well formed but cannot be carried out, such as an idempotency key used for another body.</summary>
public sealed class UnprocessableException(string code, string message) : WombatException(code, message);

/// <summary>The request asks for more than a quota allows.</summary>
/// <param name="limit">The quota's name, as its setting has it.</param>
/// <param name="allowed">How much it allows.</param>
/// <param name="used">How much is in use.</param>
/// <param name="requested">How much the request adds.</param>
public sealed class BudgetExceededException(string limit, long allowed, long used, long requested)
    : WombatException("budget_exceeded", $"The limit {limit} allows {allowed}; {used} in use, {requested} requested.")
{
    public string Limit => limit;

    public long Allowed => allowed;

    public long Used => used;

    public long Requested => requested;
}

/// <summary>The input is wrong; one or more messages for each field, by its JSON name.</summary>
public sealed class InvalidInputException(IReadOnlyDictionary<string, string[]> errors)
    : WombatException("validation_failed", "The request has fields that are not valid.")
{
    public InvalidInputException(string field, string message)
        : this(new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [message] }) { }

    public IReadOnlyDictionary<string, string[]> Errors { get; } = errors;

    /// <summary>More than a typing error: a wrong password, which belongs into the audit.</summary>
    public bool IsRefusal { get; init; }
}
