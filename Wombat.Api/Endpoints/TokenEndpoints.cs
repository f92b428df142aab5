using MediatR;
using Microsoft.AspNetCore.Mvc;
using Wombat.Application.Common;
using Wombat.Application.Tokens;

namespace Wombat.Api.Endpoints;

internal static class TokenEndpoints
{
    public static void MapTokens(this IEndpointRouteBuilder api)
    {
        var ofUser = api.MapGroup("/users/{id}/tokens").WithTags("Tokens");
        ofUser
            .MapPost("/", CreateOfUserAsync)
            .WithName("CreateUserToken")
            .WithSummary("Create a token of a user")
            .WithDescription("A token never has a wider scope than the credential that creates it. The answer shows the secret, once.")
            .Produces<TokenDto>(201)
            .Fails(404, 409);
        ofUser
            .MapGet("/", ListOfUserAsync)
            .WithName("ListUserTokens")
            .WithSummary("List tokens of a user")
            .WithDescription("The tokens that are not revoked, without their secrets.")
            .Sorts(SortNames.ByCreatedAt)
            .Produces<Page<TokenDto>>()
            .Fails(404);
        ofUser
            .MapDelete("/{token_id}", RevokeOfUserAsync)
            .WithName("RevokeUserToken")
            .WithSummary("Revoke a token of a user")
            .WithDescription("The token is refused from now on.")
            .Produces(204)
            .Fails(404);
        var ofProject = api.MapGroup("/projects/{id}/tokens").WithTags("Tokens");
        ofProject
            .MapPost("/", CreateOfProjectAsync)
            .WithName("CreateProjectToken")
            .WithSummary("Create a token of a project")
            .WithDescription("A service account that acts in this project alone. The answer shows the secret, once.")
            .Produces<TokenDto>(201)
            .Fails(404, 409);
        ofProject
            .MapGet("/", ListOfProjectAsync)
            .WithName("ListProjectTokens")
            .WithSummary("List tokens of a project")
            .WithDescription("The tokens that are not revoked, without their secrets.")
            .Sorts(SortNames.ByCreatedAt)
            .Produces<Page<TokenDto>>()
            .Fails(404);
        ofProject
            .MapDelete("/{token_id}", RevokeOfProjectAsync)
            .WithName("RevokeProjectToken")
            .WithSummary("Revoke a token of a project")
            .WithDescription("The token is refused from now on.")
            .Produces(204)
            .Fails(404);
    }

    private static async Task<IResult> CreateOfUserAsync(Guid id, CreateUserTokenBody body, IMediator mediator, CancellationToken cancel)
    {
        var token = await mediator.Send(
            new CreateUserToken(id, new NewToken(body.Name, body.Scopes, body.ExpiresAt), body.ProjectId),
            cancel
        );
        return TypedResults.Created($"/api/v1/users/{id}/tokens/{token.Id}", token);
    }

    private static Task<Page<TokenDto>> ListOfUserAsync(
        Guid id,
        IMediator mediator,
        [AsParameters] PageQuery page,
        CancellationToken cancel
    ) => mediator.Send(new ListUserTokens(id, page.ToRequest()), cancel);

    private static async Task<IResult> RevokeOfUserAsync(
        Guid id,
        [FromRoute(Name = "token_id")] Guid tokenId,
        IMediator mediator,
        CancellationToken cancel
    )
    {
        await mediator.Send(new RevokeUserToken(id, tokenId), cancel);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> CreateOfProjectAsync(
        Guid id,
        CreateProjectTokenBody body,
        IMediator mediator,
        CancellationToken cancel
    )
    {
        var token = await mediator.Send(new CreateProjectToken(id, new NewToken(body.Name, body.Scopes, body.ExpiresAt)), cancel);
        return TypedResults.Created($"/api/v1/projects/{id}/tokens/{token.Id}", token);
    }

    private static Task<Page<TokenDto>> ListOfProjectAsync(
        Guid id,
        IMediator mediator,
        [AsParameters] PageQuery page,
        CancellationToken cancel
    ) => mediator.Send(new ListProjectTokens(id, page.ToRequest()), cancel);

    private static async Task<IResult> RevokeOfProjectAsync(
        Guid id,
        [FromRoute(Name = "token_id")] Guid tokenId,
        IMediator mediator,
        CancellationToken cancel
    )
    {
        await mediator.Send(new RevokeProjectToken(id, tokenId), cancel);
        return TypedResults.NoContent();
    }
}
