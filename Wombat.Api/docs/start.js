SwaggerUIBundle({ url: '/openapi/v1.json', dom_id: '#api', deepLinking: true, persistAuthorization: false, validatorUrl: null, tryItOutEnabled: true });
