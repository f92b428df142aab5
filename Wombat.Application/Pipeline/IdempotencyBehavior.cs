using System.Security.Cryptography;
using System.Text.Json;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Common;

namespace Wombat.Application.Pipeline;

/// <summary>
/// The key, the change and the answer commit together, so that also after a crash the same key gives the same answer.
/// A second request with the key waits for the first one's commit.
/// </summary>
internal sealed class IdempotencyBehavior<TRequest, TResponse>(RequestContext context, IWombatDbContext db, TimeProvider clock)
    : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IIdempotentCommand
{
    public Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next) =>
        context.IdempotencyKey is not { } key
            ? next()
            : db.InTransactionAsync(cancel => OnceAsync(request, key, next, cancel), cancellationToken);

    private async Task<TResponse> OnceAsync(TRequest request, string key, RequestHandlerDelegate<TResponse> next, CancellationToken cancel)
    {
        // Not the name alone: another project's token may have the same.
        var caller = context.Caller!.ActorId?.ToString() ?? context.Caller.Name;
        var fingerprint = SHA256.HashData([
            .. JsonSerializer.SerializeToUtf8Bytes(typeof(TRequest).Name),
            .. JsonSerializer.SerializeToUtf8Bytes(request, WombatJson.Options),
        ]);
        var taken = await db.TakeIdempotencyKeyAsync(caller, key, fingerprint, clock.GetUtcNow(), cancel);
        var row = await db.IdempotentAnswers.SingleAsync(a => a.Caller == caller && a.Key == key, cancel);
        if (taken)
        {
            var response = await next();
            row.Answer = JsonSerializer.Serialize(response, WombatJson.Options);
            await db.SaveChangesAsync(cancel);
            return response;
        }

        return CryptographicOperations.FixedTimeEquals(row.Fingerprint, fingerprint)
            ? JsonSerializer.Deserialize<TResponse>(row.Answer!, WombatJson.Options)!
            : throw new UnprocessableException(ErrorCode.IdempotencyKeyReused, "This Idempotency-Key was used for another request.");
    }
}
