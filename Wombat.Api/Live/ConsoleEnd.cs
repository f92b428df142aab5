using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;
using Wombat.Application.Common;
using Wombat.Domain.Common;

namespace Wombat.Api.Live;

/// <summary>Why a console ended.</summary>
/// <param name="Reason">In the audit log.</param>
/// <param name="Status">The close code of the WebSocket.</param>
/// <param name="Message">The reason in the close message; empty when the shell exited.</param>
internal sealed record ConsoleEnd(string Reason, WebSocketCloseStatus Status, string Message, int? ExitCode = null)
{
    /// <summary>Nobody typed for too long.</summary>
    public const WebSocketCloseStatus IdleStatus = (WebSocketCloseStatus)4000;

    /// <summary>The container stopped.</summary>
    public const WebSocketCloseStatus StoppedStatus = (WebSocketCloseStatus)4001;

    public static readonly ConsoleEnd ClientClosed = new("client_closed", WebSocketCloseStatus.NormalClosure, "");
    public static readonly ConsoleEnd ClientLost = new("client_lost", WebSocketCloseStatus.EndpointUnavailable, "");
    public static readonly ConsoleEnd Stopping = new("wombat_stopped", WebSocketCloseStatus.EndpointUnavailable, "Wombat is stopping.");
    public static readonly ConsoleEnd Failed = new(
        "failed",
        WebSocketCloseStatus.InternalServerError,
        "The console failed; the server log has the details."
    );

    public static ConsoleEnd Exited(int code) => new("exited", WebSocketCloseStatus.NormalClosure, "", code);

    public static ConsoleEnd Idle(TimeSpan limit) =>
        new("idle", IdleStatus, string.Create(CultureInfo.InvariantCulture, $"Nothing was typed for {limit.TotalSeconds:0.#} s."));

    /// <summary>The client used the wrong protocol.</summary>
    public static ConsoleEnd Misused(string message) => new("protocol_error", WebSocketCloseStatus.PolicyViolation, message);

    /// <summary>The caller lost the permission, or the credential is no longer valid.</summary>
    public static ConsoleEnd Refused(WombatException refusal) =>
        new("permission_lost", WebSocketCloseStatus.PolicyViolation, refusal.Message);

    public static ConsoleEnd Of(ExternalSystemException failure) =>
        failure.Kind == ExternalFailure.Conflict
            ? new("container_stopped", StoppedStatus, failure.Message)
            : new("failed", WebSocketCloseStatus.InternalServerError, failure.Message);

    /// <summary>The last message to the client; null when there is none.</summary>
    public byte[]? ToJson() =>
        ExitCode is { } code ? JsonSerializer.SerializeToUtf8Bytes(new { exit = new { code } }, WombatJson.Options)
        : Message.Length > 0
            ? JsonSerializer.SerializeToUtf8Bytes(new { error = new { code = Reason, message = Message } }, WombatJson.Options)
        : null;
}
