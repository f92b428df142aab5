using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Wombat.Domain.Common;
using Wombat.Domain.Resources;

namespace Wombat.Infrastructure.Persistence;

/// <summary>Translates database errors to errors of the API.</summary>
public static class DatabaseErrors
{
    // Insufficient resources: full disk, out of memory, too many connections.
    private const string InsufficientResources = "53";
    private const string IdleInTransaction = "25P03";
    private const string TransactionTimeout = "25P04";

    /// <summary>Returns a conflict with a message for the user, or the exception itself.</summary>
    public static Exception Translate(DbUpdateException e) =>
        e switch
        {
            DbUpdateConcurrencyException => new ConflictException(
                ErrorCode.EditConflict,
                "Another request changed the resource at the same time. Read it again, then repeat the change."
            ),
            { InnerException: PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } violation } =>
                violation.ConstraintName switch
                {
                    "ux_projects_unix_name" => new ConflictException(
                        ErrorCode.ProjectExists,
                        "A project with this unix_name already exists."
                    ),
                    "ux_users_login" => new ConflictException(ErrorCode.UserExists, "A user with this login already exists."),
                    "pk_identities" => new ConflictException(
                        ErrorCode.IdentityTaken,
                        "This identity is already linked to a user. Unlink it first."
                    ),
                    "pk_members" => new ConflictException(ErrorCode.MemberExists, "The user is already a member. Change the role instead."),
                    "ux_ssh_keys_user_fingerprint" => new ConflictException(ErrorCode.KeyExists, "The user already has this key."),
                    "pk_resources" => new ConflictException(
                        ErrorCode.EditConflict,
                        "Another request has adopted the same container, or a copy of it."
                    ),
                    "ux_commands_name" => new ConflictException(ErrorCode.NameTaken, "A command of this name already exists."),
                    "ux_schedules_name" => new ConflictException(ErrorCode.NameTaken, "The command has a schedule of this name."),
                    "ux_ssh_hosts_name" => new ConflictException(ErrorCode.NameTaken, "A host of this name already exists."),
                    "ux_workspaces_name" => new ConflictException(ErrorCode.NameTaken, "A workspace of this name already exists."),
                    "ux_resources_name" => new ConflictException(ErrorCode.NameTaken, NameTaken(e)),
                    _ => e,
                },
            _ => e,
        };

    private static string NameTaken(DbUpdateException e) =>
        e.Entries.Select(entry => entry.Entity).OfType<Resource>().FirstOrDefault() is { } resource
            ? $"A {resource.Kind} named \"{resource.Name}\" already exists in this project."
            : "The name is already taken in this project.";

    /// <summary>
    /// Whether the error is temporary and not caused by the request: PostgreSQL is down, starting or stopping, has no disk space or
    /// connections left, is a read-only standby, or ended the transaction because of a deadlock or timeout.
    /// </summary>
    public static bool IsUnavailable(Exception? e) =>
        e switch
        {
            null => false,
            OperationCanceledException { InnerException: PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } } => false,
            PostgresException p => p.SqlState
                is PostgresErrorCodes.AdminShutdown
                    or PostgresErrorCodes.CrashShutdown
                    or PostgresErrorCodes.CannotConnectNow
                    or PostgresErrorCodes.ConnectionFailure
                    or PostgresErrorCodes.ConnectionException
                    or PostgresErrorCodes.IdleSessionTimeout
                    or PostgresErrorCodes.ReadOnlySqlTransaction
                    or PostgresErrorCodes.DeadlockDetected
                    or PostgresErrorCodes.SerializationFailure
                    or PostgresErrorCodes.QueryCanceled
                    or PostgresErrorCodes.LockNotAvailable
                    or TransactionTimeout
                    or IdleInTransaction
                || p.SqlState.StartsWith(InsufficientResources, StringComparison.Ordinal),
            NpgsqlException { InnerException: IOException or SocketException or TimeoutException or EndOfStreamException or null } => true,
            // Npgsql's pool was cleared while the caller waited.
            _ => IsUnavailable(e.InnerException),
        };

    /// <summary>The failure of an outside system, the database included; null for any other failure.</summary>
    public static ExternalSystemException? AsExternal(Exception failure) =>
        failure as ExternalSystemException
        ?? (
            IsUnavailable(failure)
                ? ExternalSystemException.Unavailable(
                    ErrorCode.DatabaseUnavailable,
                    "The database does not answer or cannot write.",
                    failure
                )
                : null
        );

    /// <summary>Whether PostgreSQL is unavailable as a whole, not only for this transaction or statement.</summary>
    public static bool IsLost(Exception? e) =>
        IsUnavailable(e)
        && e is not OperationCanceledException
        && (e as PostgresException ?? e?.InnerException as PostgresException)?.SqlState
            is not (
                PostgresErrorCodes.DeadlockDetected
                or PostgresErrorCodes.SerializationFailure
                or PostgresErrorCodes.QueryCanceled
                or PostgresErrorCodes.LockNotAvailable
                or TransactionTimeout
            );
}
